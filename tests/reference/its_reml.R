# Rscript tests/reference/its_reml.R DIR -- restricted likelihood for its.csv, and weights and gaps
# Writes its_reml.json beside its.csv. R 4.2.2, nlme 3.1.162 (Debian 12).
suppressMessages({library(nlme); library(jsonlite)})
dir <- commandArgs(TRUE)[1]
d <- read.csv(file.path(dir, "its.csv"))
d$s1 <- sin(2 * pi * d$month / 12); d$c1 <- cos(2 * pi * d$month / 12)
d$answers <- 50 + (d$month * 37) %% 101
values <- list()
put <- function(name, fit, tol) {
  s <- summary(fit)$tTable; df <- fit$dims$N - fit$dims$p
  for (k in c("post", "since")) {
    half <- qt(.975, df) * s[k, 2]
    values[[length(values) + 1]] <<- list(name = paste0(name, ":", k), estimate = s[k, 1],
      se = s[k, 2], ci_low = s[k, 1] - half, ci_high = s[k, 1] + half, p = s[k, 4], df = df,
      tol_rel = tol)
  }
  phi <- coef(fit$modelStruct$corStruct, unconstrained = FALSE)
  values[[length(values) + 1]] <<- list(name = paste0(name, ":phi"), estimate = unname(phi),
    tol_rel = tol)
}
tight <- glsControl(tolerance = 1e-12, msTol = 1e-12, msMaxIter = 500)
model <- score ~ month + post + since + s1 + c1
put("gls_ar1_reml", gls(model, d, correlation = corAR1(form = ~month), control = tight), 1e-4)
gaps <- d[!(d$month %in% c(5, 6, 20, 41)), ]
put("gls_ar1_reml_gaps", gls(model, gaps, correlation = corAR1(form = ~month), control = tight), 1e-4)
put("gls_ar1_reml_weighted", gls(model, d, correlation = corAR1(form = ~month),
  weights = varFixed(~ I(1 / answers)), control = tight), 1e-4)
long <- rbind(data.frame(d, y = d$score, tr = 1), data.frame(d, y = d$control_score, tr = 0))
fit <- gls(y ~ tr * (month + post + since) + s1 + c1, long,
  correlation = corAR1(form = ~ month | tr), control = tight)
s <- summary(fit)$tTable
for (k in c("tr:post", "tr:since"))
  values[[length(values) + 1]] <- list(name = paste0("gls_ar1_reml_controlled:", k),
    estimate = s[k, 1], se = s[k, 2], p = s[k, 4], tol_rel = 1e-4)
write_json(list(job = "its_reml", source = "R", datasets = "its.csv", script = "its_reml.R",
  software = list(R = as.character(getRversion()), nlme = as.character(packageVersion("nlme"))),
  note = "gaps: months 5, 6, 20, 41 left out; weighted: answers = 50 + (37 month) mod 101",
  values = values), file.path(dir, "its_reml.json"), auto_unbox = TRUE, digits = 12, pretty = TRUE)
