"""The closed list of parameters: which class each notebook's parameters must fit."""

from evalkit.study.fields import FACETS, StudyParameters
from evalkit.study.schemas.before_after import BeforeAfter
from evalkit.study.schemas.co_production import CoProduction
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.schemas.dose_response import DoseResponse
from evalkit.study.schemas.feedback_themes import FeedbackThemes
from evalkit.study.schemas.friends_and_family import FriendsAndFamily
from evalkit.study.schemas.health_inequalities import HealthInequalities
from evalkit.study.schemas.insight_triangulation import InsightTriangulation
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries
from evalkit.study.schemas.journey import Journey
from evalkit.study.schemas.mediation import Mediation
from evalkit.study.schemas.patient_stories import PatientStories
from evalkit.study.schemas.plan_a_study import PlanAStudy
from evalkit.study.schemas.priority_programmes import PriorityProgrammes
from evalkit.study.schemas.regression_discontinuity import RegressionDiscontinuity
from evalkit.study.schemas.staff_wellbeing import StaffWellbeing
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption
from evalkit.study.schemas.stepped_wedge import SteppedWedge
from evalkit.study.schemas.synthetic_control import SyntheticControl
from evalkit.study.schemas.unpaid_carers import UnpaidCarers
from evalkit.study.schemas.value_for_money import ValueForMoney
from evalkit.study.schemas.weighted_comparison import WeightedComparison

__all__ = ["FACETS", "SCHEMAS", "StaffWellbeing", "StudyParameters"]

SCHEMAS: dict[str, type[StudyParameters]] = {
    "staff_wellbeing": StaffWellbeing,
    "before_after": BeforeAfter,
    "difference_in_differences": DifferenceInDifferences,
    "staggered_adoption": StaggeredAdoption,
    "interrupted_time_series": InterruptedTimeSeries,
    "stepped_wedge": SteppedWedge,
    "synthetic_control": SyntheticControl,
    "dose_response": DoseResponse,
    "mediation": Mediation,
    "regression_discontinuity": RegressionDiscontinuity,
    "weighted_comparison": WeightedComparison,
    "plan_a_study": PlanAStudy,
    "feedback_themes": FeedbackThemes,
    "patient_stories": PatientStories,
    "friends_and_family": FriendsAndFamily,
    "journey": Journey,
    "health_inequalities": HealthInequalities,
    "co_production": CoProduction,
    "insight_triangulation": InsightTriangulation,
    "priority_programmes": PriorityProgrammes,
    "unpaid_carers": UnpaidCarers,
    "value_for_money": ValueForMoney,
}
