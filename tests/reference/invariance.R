# Invariance of a three-factor model across two groups, by R's lavaan (maximum likelihood, means
# in the model). Debian: r-cran-lavaan r-cran-jsonlite. Run in this folder: Rscript invariance.R. Writes invariance.csv and invariance.json.
suppressMessages({library(lavaan); library(jsonlite)})
set.seed(20260301)
n <- c(400, 300)
make <- function(n, group) {
  f <- matrix(rnorm(3 * n), n) %*% chol(matrix(c(1, .6, .5, .6, 1, .55, .5, .55, 1), 3))
  if (group == "b") f <- sweep(f, 2, c(.3, 0, -.2), "+")
  load <- c(.9, .8, .7, .8, .9, .6, .7, .8, .9)
  if (group == "b") load[4] <- .55
  top <- rep(c(0, .2, -.1), 3)
  if (group == "b") top[9] <- top[9] + .45
  x <- sapply(1:9, function(i) top[i] + load[i] * f[, (i - 1) %/% 3 + 1] + rnorm(n, sd = .6 + .05 * i))
  data.frame(group = group, round(setNames(as.data.frame(x), paste0("x", 1:9)), 3))
}
d <- rbind(make(n[1], "a"), make(n[2], "b"))
write.csv(d, "invariance.csv", row.names = FALSE, quote = FALSE)
model <- "one =~ x1 + x2 + x3\n two =~ x4 + x5 + x6\n three =~ x7 + x8 + x9"
values <- list()
add <- function(name, estimate, se = NULL, command = "", tol = 1e-6)
  values[[length(values) + 1]] <<- c(list(name = name, estimate = unname(estimate)),
    if (!is.null(se)) list(se = unname(se)), list(tol_rel = tol, command = command))
fits <- list(
  configural = cfa(model, d, group = "group"),
  metric = cfa(model, d, group = "group", group.equal = "loadings"),
  scalar = cfa(model, d, group = "group", group.equal = c("loadings", "intercepts")))
kinds <- c("chisq", "df", "cfi", "tli", "rmsea", "srmr", "logl")
for (step in names(fits)) for (k in kinds)
  add(paste0(step, ":", k), fitMeasures(fits[[step]], k), command = paste("lavaan cfa", step),
      tol = if (k == "srmr") 1e-5 else 1e-6)
alone <- cfa(model, d)
for (k in setdiff(kinds, "logl"))
  add(paste0("alone:", k), fitMeasures(alone, k), command = "lavaan cfa, one group",
      tol = if (k == "srmr") 1e-5 else 1e-6)
s <- standardizedSolution(alone)
for (i in which(s$op == "=~")) add(paste0("loading:", s$rhs[i]), s$est.std[i], command = "standardizedSolution", tol = 1e-4)
for (i in which(s$op == "~~" & s$lhs != s$rhs & !grepl("^x", s$lhs)))
  add(paste0("correlation:", s$lhs[i], "~", s$rhs[i]), s$est.std[i], command = "standardizedSolution", tol = 1e-4)
unit <- cfa(model, d, group = "group", group.equal = c("loadings", "intercepts"), std.lv = TRUE)
p <- parameterEstimates(unit)
for (f in c("one", "two", "three")) {
  row <- p[p$op == "~1" & p$lhs == f & p$group == 2, ]
  add(paste0("mean:", f), row$est, row$se, command = "mean of group b, scalar, std.lv", tol = 1e-4)
  row <- p[p$op == "~~" & p$lhs == f & p$rhs == f & p$group == 2, ]
  add(paste0("variance:", f), row$est, command = "variance of group b, scalar, std.lv", tol = 1e-4)
}
write(toJSON(list(job = "invariance", source = "R", datasets = list("invariance.csv"),
  software = list(R = as.character(getRversion()), lavaan = as.character(packageVersion("lavaan"))),
  script = "invariance.R", values = values), auto_unbox = TRUE, digits = 12, pretty = TRUE), "invariance.json")
