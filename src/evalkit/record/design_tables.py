"""What the tables that designs show beside their estimates are called, and what they tell."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Words:
    """Title and description of a table, and the chart that draws it, if one does."""

    title: str
    description: str
    chart: str | None = None


TABLES: dict[str, Words] = {
    "coverage": Words(
        "How many units, periods and rows", "What was read, by group; a row is what was measured."
    ),
    "averages": Words(
        "Averages over time", "The outcome by period, each unit by its weight.", "lines"
    ),
    "event_study": Words(
        "Before and after the start",
        "The difference in each period, counted from the start; before it nothing should be seen.",
        "event_study",
    ),
    "exposure_time": Words(
        "By time since the start",
        "The effect by how long the intervention had been in place.",
        "event_study",
    ),
    "by_cohort": Words("By when units started", "The effect for each group of units by its start."),
    "by_period": Words("By calendar period", "The effect in each period, over units under way."),
    "series": Words(
        "What was seen, and what would have been expected",
        "The outcome as it was, and as the model would have expected it without the intervention.",
        "lines",
    ),
    "baseline": Words(
        "Were they alike before",
        "How far the two series were apart before the start, and how that was changing.",
    ),
    "ratios": Words(
        "As ratios of rates or odds",
        "The same changes as ratios; one is no change. The average one is a geometric mean.",
    ),
    "rollout": Words(
        "Who had it when",
        "When each had it, and how many answers (or rows) each cell rests on.",
        "rollout",
    ),
    "clusters": Words(
        "How many started when",
        "Clusters by their first period with it. What counts is all clusters where they start in "
        "steps, and those of the smaller side where they start at once.",
    ),
    "means": Words(
        "With it and not yet with it",
        "Averages over all who answered. Who belongs to which line changes at every step, so that "
        "the gap between the lines is not the effect.",
        "lines",
    ),
    "growth": Words(
        "Whether the effect grows or fades",
        "How much larger the effect is in the last period since the start than in the first.",
    ),
    "odds": Words(
        "The ratio of odds",
        "Odds of yes with the intervention over odds without it, by estimating equations.",
    ),
    "weights": Words("What the comparison is made of", "The weight of each unit compared with."),
    "placebos": Words(
        "The same analysis where nothing happened",
        "The estimate for each unit without the intervention, as if it had had it.",
    ),
    "placebo_time": Words(
        "The same analysis before anything happened", "The estimate with a start that never was."
    ),
    "leave_one_out": Words("With one left out", "The estimate with each unit left out in turn."),
    "balance": Words(
        "How alike the groups are",
        "How far apart the averages of each measured cause are, in standard deviations: in the "
        "groups as they are, and as they are compared.",
        "balance",
    ),
    "groups_compared": Words(
        "Who is compared",
        "The average of each measured cause in each group: as it is, and as it is compared.",
    ),
    "sample": Words(
        "What the groups are worth",
        "How many there are in each group, and how many would tell as much had none been given a "
        "larger or smaller weight.",
    ),
    "overlap": Words(
        "How far the groups overlap",
        "The chance of having the intervention by what was measured, in per cent: where the lowest "
        "twentieth of each group ends, its quarter, its middle, and so on. Groups without a common "
        "range cannot be compared.",
    ),
    "without_each": Words(
        "Had one of the causes not been measured",
        "The difference with one measured cause left out, as a yardstick for what an unmeasured "
        "one could do.",
    ),
    "hidden_cause": Words(
        "How strong an unmeasured cause would have to be",
        "If such a cause were commoner, by so many percentage points, among those with the "
        "intervention: by how much it would have to move the outcome to leave the difference "
        "unsure, and to be all of it. Nought where it is unsure already.",
    ),
    "e_value": Words(
        "How strong an unmeasured cause would have to be: E-values",
        "By how much such a cause would have to multiply the risks both of having the intervention "
        "and of a better outcome to be all of the difference (of the estimate), and to leave it "
        "unsure (of the nearer end of its interval).",
    ),
    "cohorts": Words(
        "Who started when", "The units of each start, and whom they are compared with."
    ),
    "cohort_periods": Words(
        "By start and period",
        "The difference for each group of units by its start, in each period.",
    ),
    "second_opinion": Words(
        "Imputed from before, as a second opinion",
        "The same effects by another estimator, which foretells what would have been from all "
        "periods before.",
    ),
    "two_way_weights": Words(
        "What two-way fixed effects would average",
        "Each comparison inside the two-way fixed-effects estimate, with its weight; comparisons "
        "with units already under way can have the wrong sign.",
    ),
    "honest_did": Words(
        "If trends had differed",
        "The interval if trends after the start differ by up to so many times what was seen "
        "before it, and the interval if their slope turns by up to so much from one period to the "
        "next.",
    ),
    "autocorrelation": Words(
        "How neighbouring periods depend", "Correlation of what the model leaves over."
    ),
    "variance": Words("What varies, and where", "Parts of the variance, and their correlations."),
    "binned": Words(
        "Along what decides the offer",
        "Averages in bands of it, and the straight lines fitted near the threshold. The gap "
        "between them there is what is estimated.",
        "threshold",
    ),
    "take_up": Words(
        "How many more took it up",
        "The difference in take-up at the threshold, in percentage points.",
    ),
    "jumps_of_causes": Words(
        "What was there before, at the threshold",
        "Differences between those just offered it and those just not, in standard deviations; "
        "there should be none.",
    ),
    "placebo_thresholds": Words(
        "Where no offer begins",
        "The same estimate in the middle of each side, where there should be no gap.",
    ),
    "donuts": Words(
        "Without those nearest to the threshold",
        "The estimate without people so near that somebody might have placed them.",
    ),
    "bandwidths": Words("With other bandwidths", "The estimate for narrower and wider windows."),
    "density": Words("Crowding at the threshold", "A test of whether people were moved across it."),
    "dose_bands": Words(
        "By band of dose",
        "The average that the outcome would have if all were in the band, each unit compared with "
        "itself, and the difference from the lowest band.",
    ),
    "dose_steps": Words(
        "From one band of dose to the next",
        "The difference between neighbouring bands within units; the intervals hold all steps at "
        "once. One that goes against the slope says that one line does not tell it all.",
    ),
    "dose_error": Words(
        "If the dose was recorded with error",
        "The difference per step if only so much of the dose's variation were true; where most of "
        "what is left would be error, none is given.",
    ),
    "unmeasured": Words(
        "How strong an unmeasured cause would have to be",
        "The share of what is left of dose and of outcome that such a cause explains, and the "
        "difference per step that would then remain.",
    ),
    "curve": Words(
        "The shape of the relation",
        "The difference from the middle dose, by a straight line and by the line that may bend "
        "most. Where the second stays near the first, one number for each step tells it all.",
        "dose_curve",
    ),
    "paths": Words(
        "By which way",
        "Each path, and what goes by way of the mediator: in the units that each path names.",
    ),
    "reverse_paths": Words(
        "The other way round", "The same paths with cause and result exchanged."
    ),
    "sensitivity": Words(
        "If something unmeasured moved both",
        "The part by way of the mediator, for each correlation of what is left of mediator and "
        "outcome that something unmeasured may have made; at nought the answer stands.",
    ),
    "mediator_error": Words(
        "If the mediator was measured with error",
        "The parts if only so much of the mediator's variation were true; where most of what is "
        "left would be error, none are given.",
    ),
    "cross_lagged": Words(
        "Each earlier on each later",
        "Both directions in one model for each pair, period by period, lasting differences apart; "
        "in units of each one's own movement, so that the two directions can be compared.",
    ),
    "regression_to_the_mean": Words(
        "What would have happened anyway",
        "Units chosen for a poor result do better next time by chance alone.",
    ),
    "specifications": Words(
        "Every analysis that the plan allows", "The estimate under each allowed choice."
    ),
    "imputation": Words(
        "With missing values filled in, and without",
        "The answer, from rows filled in several times over and pooled, beside what the rows that "
        "have every value would say by themselves; and how much of what all rows would have told "
        "was lost.",
    ),
    "measured": Words(
        "How often this design's intervals held the truth",
        "Measured on synthetic data with known truth: the share of 95% intervals that held it, its "
        "simulation error, the share that excluded zero, and the standard error shown as a share "
        "of the estimates' real spread; all in per cent. Where that last share is well below one "
        "hundred, the standard error by itself makes the answer look surer than it is; the first "
        "share says whether the interval does.",
    ),
}


_SEVERAL = {
    "p_holm": "P-values allow for several comparisons by Holm's method.",
    "p_romano_wolf": (
        "P-values allow for several comparisons by Romano and Wolf's method, from how the "
        "estimates move together when clusters are left out."
    ),
}


def tell_several(frame: pd.DataFrame) -> str:
    """Say how effects were compared with each other; nothing of what the frame does not hold."""
    said = [
        words for name, words in _SEVERAL.items() if name in frame and frame[name].notna().any()
    ]
    if "compared" in frame:
        ways = frame.loc[frame["term"] == "difference", "compared"].unique()
        said += [f"Groups are compared {way}." for way in ways]
    return " ".join(said)
