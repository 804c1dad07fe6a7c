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

# (X'X - sum of M_ii v_i) with M the residual maker of the trusts' dummies, v the variance of each
# score; its error is the jackknife, every trust left out in turn and everything made anew.
noise_removed <- function(d) {
  G <- nlevels(d$trust)
  b <- corrected_slope(d) * step
  left_out <- sapply(levels(d$trust), function(t) corrected_slope(droplevels(d[d$trust != t, ]))) * step
  se <- sqrt((G - 1) / G * sum((left_out - mean(left_out))^2)); q <- qt(0.975, G - 1)
  list(term = "exposure", outcome = "outcome", facet = "overall", group = "all",
       method = "within_corrected", estimate = b, std_error = se, conf_low = b - q * se,
       conf_high = b + q * se, level = 0.95, n = nrow(d), clusters = G, df = G - 1)
}

corrected_slope <- function(d) {
  size <- as.numeric(table(d$trust)[d$trust])
  away <- function(v) v - ave(v, d$trust)
  Z <- apply(cbind(d$x, d$a, d$o, model.matrix(~ period, d)[, -1]), 2, away)
  N <- matrix(0, ncol(Z), ncol(Z))
  N[1, 1] <- sum((1 - 1 / size) * staff_sd^2 / d$n)
  solve(crossprod(Z) - N, crossprod(Z, d$overall))[1]
}

claims <- c(effect = "came before", null = "not seen", confounded_moving = "cannot be told", reverse = "cannot be told")
for (world in names(claims)) {
  content <- list(
    source = paste("R", getRversion(), "with sandwich", packageVersion("sandwich"),
                   "by make_expected.R; claim: the world's right answer"),
    claim = claims[[world]], estimates = estimates(read_world(world)))
  write_json(content, file.path("tests/notebooks/expected", paste0(world, ".json")),
             auto_unbox = TRUE, digits = 12, pretty = TRUE)
}
