# Make survey_designs.json from survey.csv. Debian: r-cran-survey r-cran-jsonlite.
# Run in this folder: Rscript survey_designs.R
suppressMessages({library(survey); library(jsonlite)})
d <- read.csv("survey.csv")
# Age groups stand for units, and women for the time from the start on, or for the intervention.
d$gone <- ifelse(seq_len(nrow(d)) %% 7 == 0, NA, d$score)
whole <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = d, nest = TRUE)
values <- list()
keep <- function(name, estimate, se = NULL, df = NULL, tol = 1e-7, command)
  values[[length(values) + 1]] <<- c(list(name = name, estimate = unname(estimate)),
    if (!is.null(se)) list(se = unname(se)), if (!is.null(df)) list(df = df), list(tol_rel = tol, command = command))
row <- function(fit, term) summary(fit)$coefficients[term, 1:2]

change <- row(svyglm(score ~ female + factor(age_group), whole), "female")
keep("before_after", change[1], change[2], degf(whole),
     command = "svyglm(score ~ female + factor(age_group)); df of the design")
some <- row(svyglm(gone ~ female + factor(age_group), whole), "female")
keep("before_after_some_missing", some[1], some[2], degf(whole),
     command = "the same, every seventh score missing: a domain of the whole design")
cause <- row(svyglm(score ~ female + top_box + factor(age_group), whole), "female")
keep("before_after_adjusted", cause[1], cause[2], degf(whole) - 1,
     command = "the same, top_box held fixed, which takes one degree of freedom")
people <- svydesign(ids = ~1, strata = ~stratum, weights = ~weight, data = d)
alone <- row(svyglm(score ~ female + factor(age_group), people), "female")
keep("before_after_people_drawn_alone", alone[1], alone[2], degf(people),
     command = "the same, ids = ~1")
lonely <- subset(d, !(stratum == 1 & psu != min(d$psu[d$stratum == 1])))
for (rule in c("adjust", "certainty")) {
  options(survey.lonely.psu = rule)
  part <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = lonely, nest = TRUE)
  found <- row(svyglm(score ~ female + factor(age_group), part), "female")
  keep(paste0("before_after_single_unit_", rule), found[1], found[2], degf(part),
       command = "stratum 1 cut to its first sampling unit; survey.lonely.psu")
}
plain <- row(svyglm(score ~ female, whole), "female")
keep("weighted_comparison_unadjusted", plain[1], plain[2], degf(whole),
     command = "svyglm(score ~ female)")
# The weights fitted anew in each replicate carry their own error, as linearisation of all steps.
jackknife <- as.svrepdesign(whole, type = "JKn")
overlap <- function(w, data) {
  data$w <- w
  fit <- glm(female ~ age_group + top_box, quasibinomial, data, weights = w,
             control = list(epsilon = 1e-12))
  women <- data$female == 1
  ow <- w * ifelse(women, 1 - fitted(fit), fitted(fit))
  weighted.mean(data$score[women], ow[women]) - weighted.mean(data$score[!women], ow[!women])
}
made <- withReplicates(jackknife, overlap)
keep("weighted_comparison_overlap", coef(made), command = "glm and overlap weights by hand")
keep("weighted_comparison_overlap_error", coef(made), SE(made), tol = 0.01,
     command = "withReplicates(JKn), glm and overlap weights fitted anew; error within 1%")
out <- list(job = "survey_designs", source = "R", datasets = "survey.csv",
            software = list(R = as.character(getRversion()),
                            survey = as.character(packageVersion("survey"))),
            script = "survey_designs.R", values = values)
writeLines(toJSON(out, auto_unbox = TRUE, digits = 14, pretty = TRUE), "survey_designs.json")
