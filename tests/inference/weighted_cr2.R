# Rscript tests/inference/weighted_cr2.R
# Weighted CR2 by clubSandwich: rows scaled by the root of their weight; sites within regions.
suppressMessages(library(clubSandwich))
options(digits = 13)
d <- read.csv("tests/reference/panel_fe.csv")
d <- d[d$site %% 2 == 0 & d$month >= 10 & d$month <= 17, ]
x <- model.matrix(~ treated + staffing + factor(site) + factor(month), d) * sqrt(d$n_resp)
y <- d$score * sqrt(d$n_resp)
m <- lm(y ~ 0 + x)
for (by in c("site", "region")) {
  found <- coef_test(m, vcov = "CR2", cluster = d[[by]], coefs = c("xtreated", "xstaffing"))
  cat(by, "beta", found$beta, "SE", found$SE, "df", found$df_Satt, "\n")
}
