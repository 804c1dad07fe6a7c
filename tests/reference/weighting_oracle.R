# Make weighting.csv and weighting.json. Debian: r-cran-survey r-cran-matching
# r-cran-jsonlite. Run in this folder: Rscript weighting_oracle.R
suppressMessages({library(survey); library(Matching); library(jsonlite)})
set.seed(21)
n <- 500
x1 <- round(rnorm(n), 4); x2 <- rbinom(n, 1, .4); x3 <- round(rexp(n), 4)
treated <- rbinom(n, 1, plogis(-.4 + .7 * x1 - .5 * x2 + .2 * x3))
y <- round(6 + .8 * x1 + .5 * x2 - .3 * x3 + treated * (.5 + .2 * x1) + rnorm(n), 4)
d <- data.frame(y, treated, x1, x2, x3)
write.csv(d, "weighting.csv", row.names = FALSE)
values <- list()
keep <- function(name, estimate, se = NULL, tol = 1e-6)
  values[[length(values) + 1]] <<- c(list(name = name, estimate = unname(estimate)),
    if (!is.null(se)) list(se = unname(se)), list(tol_rel = tol))

logit <- glm(treated ~ x1 + x2 + x3, binomial, d, control = list(epsilon = 1e-14))
e <- fitted(logit)
w <- list(everyone = ifelse(treated == 1, 1 / e, 1 / (1 - e)),
          treated = ifelse(treated == 1, 1, e / (1 - e)),
          overlap = ifelse(treated == 1, 1 - e, e))
# Errors of all steps, by the formula for a known score function: influence of the weighted
# difference less its projection on the score of the logistic regression, written out.
X <- model.matrix(logit)
score <- X * (treated - e)
information <- crossprod(X * (e * (1 - e)), X)
slope <- list(everyone = list(-(1 - e) / e, e / (1 - e)), treated = list(0 * e, e / (1 - e)),
              overlap = list(-e * (1 - e), e * (1 - e)))
for (target in names(w)) {
  ww <- w[[target]]
  t1 <- treated == 1
  m1 <- weighted.mean(y[t1], ww[t1]); m0 <- weighted.mean(y[!t1], ww[!t1])
  a <- t1 * ww * (y - m1) / sum(ww[t1]); b <- (!t1) * ww * (y - m0) / sum(ww[!t1])
  g <- slope[[target]]
  H <- colSums(X * (t1 * g[[1]] * (y - m1) / sum(ww[t1]))) -
       colSums(X * ((!t1) * g[[2]] * (y - m0) / sum(ww[!t1])))
  influence <- a - b + as.vector(score %*% solve(information, H))
  keep(paste0("propensity_", target), m1 - m0, sqrt(sum(influence^2)))
  fixed <- svydesign(~1, weights = ~ww, data = d)
  keep(paste0("survey_", target), coef(svyglm(y ~ treated, fixed))["treated"])
}
# Entropy balance of the untreated to the treated is raking of their totals.
controls <- d[treated == 0, ]; cases <- d[treated == 1, ]
raked <- calibrate(svydesign(~1, weights = ~rep(1, nrow(controls)), data = controls),
  ~ x1 + x2 + x3, population = c(`(Intercept)` = nrow(cases), colSums(cases[c("x1", "x2", "x3")])),
  calfun = "raking", epsilon = 1e-12, maxit = 200)
rw <- weights(raked)
keep("entropy_treated", mean(cases$y) - weighted.mean(controls$y, rw))
keep("entropy_effective", sum(rw)^2 / sum(rw^2))

score_logit <- predict(logit)
# MatchIt 4.5.1 is not used: with replacement it does not return the nearest rows (seen here).
pair <- function(X, ...) Match(y, treated, X, estimand = "ATT", M = 1, replace = TRUE, ties = TRUE,
  Var.calc = 1, sample = FALSE, distance.tolerance = 0, Weight = 3,
  Weight.matrix = diag(NCOL(X)), ...)
nearest <- pair(score_logit)
keep("abadie_imbens", nearest$est[1, 1], nearest$se)
near <- pair(score_logit, caliper = .2)
keep("nearest_caliper", near$est[1, 1])
keep("nearest_matched", length(unique(near$index.treated)))
alike <- pair(cbind(score_logit, x2), exact = c(FALSE, TRUE))
keep("nearest_exact", alike$est[1, 1])
write_json(list(job = "weighting", source = "R", datasets = "weighting.csv",
  software = list(R = as.character(getRversion()), survey = as.character(packageVersion("survey")),
    Matching = as.character(packageVersion("Matching"))),
  script = "weighting_oracle.R", values = values), "weighting.json", auto_unbox = TRUE,
  pretty = TRUE, digits = 14)
