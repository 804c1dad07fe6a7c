# Expected estimates of the staff wellbeing study, computed in R by other means than the study:
# least squares with a dummy for every trust and quarter, errors from the package sandwich, and
# the correction for noise written out with explicit dummies.
# Run from the project's root:  Rscript tests/notebooks/expected/make_expected.R
suppressPackageStartupMessages({library(sandwich); library(jsonlite)})

step <- 0.15; staff_sd <- 1.8; lag <- 1

read_world <- function(world) {
  folder <- file.path("data/synthetic/staff_wellbeing", world)
  d <- merge(read.csv(file.path(folder, "staff.csv")), read.csv(file.path(folder, "patients.csv")),
             by = c("trust", "quarter"))
  d$time <- as.integer(substr(d$quarter, 1, 4)) * 4 + as.integer(substr(d$quarter, 6, 6))
  before <- d[, c("trust", "time", "engagement", "agency_share", "bed_occupancy", "staff_respondents")]
  before$time <- before$time + lag
  names(before)[3:6] <- c("x", "a", "o", "n")
  d <- merge(d[, c("trust", "time", "overall")], before, by = c("trust", "time"))
  d[order(d$trust, d$time), ]
}

row <- function(method, fit, name, d, clusters = "trust", df = NULL) {
  G <- length(unique(d$trust))
  v <- vcovCL(fit, cluster = d$trust, type = "HC1")
  # fixest's count: trust effects are nested in the clusters, so they are not counted
  k <- length(coef(fit)); kept <- if (method == "within") k - (G - 1) else k
  se <- sqrt(v[name, name] * (nrow(d) - k) / (nrow(d) - kept))
  b <- coef(fit)[[name]] * step; se <- se * step; q <- qt(0.975, G - 1)
  list(term = "exposure", outcome = "outcome", facet = "overall", group = "all", method = method,
       estimate = b, std_error = se, conf_low = b - q * se, conf_high = b + q * se,
       level = 0.95, n = nrow(d), clusters = G, df = G - 1)
}

estimates <- function(d) {
  d$trust <- factor(d$trust); d$period <- factor(d$time)
  G <- nlevels(d$trust)
  pooled <- lm(overall ~ x + a + o + period, d)
  within <- lm(overall ~ x + a + o + period + trust, d)
  means <- aggregate(cbind(overall, x, a, o) ~ trust, d, mean)
  between <- lm(overall ~ x + a + o, means)
  for (v in c("x", "a", "o")) d[[paste0("m", v)]] <- ave(d[[v]], d$trust)
  parts <- lm(overall ~ I(x - mx) + I(a - ma) + I(o - mo) + mx + ma + mo + period, d)
  dummies <- model.matrix(~ period, d)[, -1]
  later <- which(diff(as.integer(d$trust)) == 0 & diff(d$time) == 1) + 1
  change <- as.data.frame(cbind(overall = d$overall, x = d$x, a = d$a, o = d$o, dummies))
  change <- change[later, ] - change[later - 1, ]
  change$trust <- d$trust[later]
  fd <- lm(overall ~ . - trust - 1, change)
  fd_row <- row("first_difference", fd, "x", change)
  part <- function(method, name) row(method, parts, name, d)
  corrected <- noise_removed(d)
  list(row("pooled", pooled, "x", d),
       list(term = "exposure", outcome = "outcome", facet = "overall", group = "all",
            method = "between", estimate = coef(between)[["x"]] * step, n = G, clusters = G),
       row("within", within, "x", d),
       fd_row, part("within_part", "I(x - mx)"), part("between_part", "mx"),
       corrected)
}

# (X'X - sum of M_ii v_i) with M the residual maker of all dummies, v the variance of each score
noise_removed <- function(d) {
  D <- model.matrix(~ trust + period, d)
  unit <- model.matrix(~ trust - 1, d)
  keep <- 1 - rowSums(unit * (unit %*% solve(crossprod(unit), diag(ncol(unit)))))
  X <- cbind(d$x, d$a, d$o, D)
  noise <- matrix(0, ncol(X), ncol(X))
  noise[1, 1] <- sum(keep * staff_sd^2 / d$n)
  # removing a trust's mean removes the noise of that mean: the rest of its share is in `keep`
  Q <- diag(nrow(d)) - unit %*% solve(crossprod(unit), t(unit))
  Z <- Q %*% cbind(d$x, d$a, d$o, model.matrix(~ period, d)[, -1])
  N <- matrix(0, ncol(Z), ncol(Z)); N[1, 1] <- noise[1, 1]
  b <- solve(crossprod(Z) - N, crossprod(Z, d$overall))
  list(term = "exposure", outcome = "outcome", facet = "overall", group = "all",
       method = "within_corrected", estimate = b[1, 1] * step, n = nrow(d),
       clusters = nlevels(d$trust), df = nlevels(d$trust) - 1)
}

claims <- c(null = "not seen", confounded_moving = "cannot be told", reverse = "cannot be told")
for (world in names(claims)) {
  content <- list(
    source = paste("R", getRversion(), "with sandwich", packageVersion("sandwich"),
                   "by make_expected.R; claim: the world's right answer"),
    claim = claims[[world]], estimates = estimates(read_world(world)))
  write_json(content, file.path("tests/notebooks/expected", paste0(world, ".json")),
             auto_unbox = TRUE, digits = 12, pretty = TRUE)
}
