# Oracle values for mixed models and GEE beyond golden.R: Rscript mixed_models.R (in this folder).
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(nlme); library(jsonlite)})
V <- list()
v <- function(name, est, se = NULL, df = NULL, p = NULL, tol, cmd = NULL)
  V[[length(V) + 1]] <<- Filter(Negate(is.null), list(name = name, estimate = as.numeric(est),
    se = if (!is.null(se)) as.numeric(se), df = if (!is.null(df)) as.numeric(df), p = if (!is.null(p)) as.numeric(p), tol_rel = tol, command = cmd))
both <- function(name, m, kr = TRUE, L = NULL, tol = 5e-3) {
  if (is.null(L)) L <- as.numeric(names(fixef(m)) == "treat")
  for (ddf in c("Satterthwaite", if (kr) "Kenward-Roger")) {
    s <- contest1D(m, L, ddf = ddf)
    v(paste0(name, ":", ddf), s$Estimate, s$`Std. Error`, s$df, s$`Pr(>|t|)`, tol,
      paste("lmerTest::contest1D", ddf))
  }
}
d <- read.csv("stepped_wedge.csv"); d$fp <- factor(d$period); d$cp <- interaction(d$cluster, d$period, drop = TRUE)
holes <- function(cluster, period) (7 * cluster + 3 * period) %% 5 == 0
u <- d[!holes(d$cluster, d$period) & !(d$cluster %% 2 == 1 & seq_len(nrow(d)) %% 3 == 0), ]
u$cp <- droplevels(u$cp)
m <- lmer(y ~ treat + fp + (1 | cluster) + (1 | cp), u)
both("unbalanced", m)
v("unbalanced:log_likelihood", logLik(m), tol = 1e-5)
ml <- lmer(y ~ treat + fp + (1 | cluster) + (1 | cp), u, REML = FALSE)
both("unbalanced_ml", ml, kr = FALSE)
v("unbalanced_ml:log_likelihood", logLik(ml), tol = 1e-5)
first <- tapply(d$period[d$treat == 1], d$cluster[d$treat == 1], min)
d$exposure <- ifelse(d$treat == 1, d$period - first[as.character(d$cluster)] + 1, 0)
d$fe <- factor(d$exposure)
m <- lmer(y ~ fe + fp + (1 | cluster) + (1 | cp), d)
L <- as.numeric(grepl("^fe", names(fixef(m)))); both("exposure_average", m, L = L / sum(L))
for (k in levels(d$fe)[-1]) both(paste0("exposure_", k), m, L = as.numeric(names(fixef(m)) == paste0("fe", k)))
b <- aggregate(cbind(y, treat) ~ cluster + period, d, mean); b$fp <- factor(b$period)
b$n <- as.numeric(aggregate(y ~ cluster + period, d, length)$y)
b$n <- b$n * (1 + (b$cluster + 2 * b$period) %% 4)
m <- lmer(y ~ treat + fp + (1 | cluster), b); both("panel", m)
b$cp <- factor(seq_len(nrow(b)))
w <- lmer(y ~ treat + fp + (1 | cluster), b, weights = n)
both("panel_weighted", w, kr = FALSE)
g <- gls(y ~ treat + fp, b, correlation = corExp(c(3, .2), form = ~ period | cluster, nugget = TRUE))
v("panel_decay:treat", coef(g)["treat"], sqrt(vcov(g)["treat", "treat"]), tol = 2e-3, cmd = "nlme::gls REML, corExp with nugget")
r <- coef(g$modelStruct$corStruct, unconstrained = FALSE)
v("panel_decay:decay", exp(-1 / r["range"]), tol = 1e-2)
v("panel_decay:cluster_period", g$sigma^2 * (1 - r["nugget"]), tol = 1e-2)
v("panel_decay:log_likelihood", logLik(g), tol = 1e-5)
f <- read.csv("few_clusters.csv")
m <- lmer(y ~ treat + x + (1 | cluster), f); both("parallel", m)
# Laplace's approximation written out, all inner searches taken to the end
X <- model.matrix(~ treat + fp, d); cl <- split(seq_len(nrow(d)), d$cluster); yes <- d$top_box
deviance <- function(par) {
  th <- par[1]; e0 <- X %*% par[-1]; total <- 0
  for (i in cl) {
    k <- 0
    for (it in 1:200) { p <- plogis(e0[i] + th * k); s <- (th * sum(yes[i] - p) - k) / (1 + th^2 * sum(p * (1 - p))); k <- k + s; if (abs(s) < 1e-14) break }
    eta <- e0[i] + th * k; p <- plogis(eta)
    total <- total + sum(yes[i] * eta - log1p(exp(eta))) - k^2 / 2 - .5 * log(1 + th^2 * sum(p * (1 - p)))
  }
  -2 * total
}
o <- optim(c(.7, rep(0, ncol(X))), deviance, method = "BFGS", control = list(reltol = 1e-15, maxit = 1000))
se <- sqrt(diag(solve(numDeriv::hessian(deviance, o$par) / 2)))[3]
v("laplace:treat", o$par[3], se, NULL, 2 * pnorm(-abs(o$par[3] / se)), 1e-4, "optim, numDeriv::hessian")
v("laplace:var_cluster", o$par[1]^2, tol = 1e-4)
v("laplace:log_likelihood", -o$value / 2, tol = 1e-8)
ver <- sapply(c("lme4", "lmerTest", "pbkrtest", "nlme"), function(k) as.character(packageVersion(k)))
write_json(list(job = "mixed_models", source = "R", datasets = c("stepped_wedge.csv", "few_clusters.csv"),
  software = as.list(c(R = as.character(getRversion()), ver)), script = "mixed_models.R", values = V),
  "mixed_models.json", auto_unbox = TRUE, digits = 13, pretty = TRUE)
