"""`evalkit release`: what it prints, and how it ends."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.cli.release import release
from evalkit.errors import DisclosureError, ParameterError

MakeRun = Callable[..., Path]


def test_it_says_what_was_released_and_hidden(
    sealed_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Version, approval, cells by rule, folder and how to open it; again: nothing changed."""
    folder = sealed_run()
    release("staff_wellbeing")
    printed = capsys.readouterr().out
    assert "staff_wellbeing: released (version 1, 10 files)" in printed
    assert "approved by rule" in printed
    assert "  1 cell: count of few people" in printed
    assert f"Folder: {folder}" in printed
    assert "make serve" in printed
    assert (folder / "bundle.json").exists()
    release("staff_wellbeing")
    assert "already released, nothing changed" in capsys.readouterr().out


def test_real_data_without_a_name_end_with_code_4(sealed_run: MakeRun) -> None:
    """The message says what to type, and nothing is released."""
    folder = sealed_run(synthetic=False)
    with pytest.raises(DisclosureError, match="--approved-by") as fault:
        release("staff_wellbeing")
    assert fault.value.exit_code == 4
    assert not folder.exists()


def test_a_refusal_lists_everything_found(sealed_run: MakeRun) -> None:
    """File, place and reason of each thing, and no value."""
    sealed_run(answer="It is 8.27153.", check_finding="It is 9.18264.")
    with pytest.raises(DisclosureError) as fault:
        release("staff_wellbeing")
    message = str(fault.value)
    assert "2 things may not be shown" in message
    assert "bundle.json, finding.answer: a number that no released table holds" in message
    assert "bundle.json, checks.finding: a number that no released table holds" in message
    assert "8.27" not in message
    assert "9.18" not in message


def test_an_unknown_study_is_a_fault_of_the_parameters(sealed_run: MakeRun) -> None:
    """A study without a sealed run ends with exit code 2."""
    sealed_run()
    with pytest.raises(ParameterError) as fault:
        release("staff_welbeing")
    assert fault.value.exit_code == 2


def test_a_release_is_reviewed_refused_and_withdrawn_by_name(
    sealed_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """The review lists and writes nothing; a refusal is logged; a withdrawal takes all away."""
    folder = sealed_run()
    release("staff_wellbeing", review=True)
    printed = capsys.readouterr().out
    assert "review table who: Respondents by group." in printed
    assert "counts: 2 shown, 2 hidden; rules: cqc_survey+staff" in printed
    assert "0 fail." in printed
    assert not folder.exists()
    release("staff_wellbeing", refuse="Ada Example", reason="Too few.")
    with pytest.raises(DisclosureError, match="no rule releases it"):
        release("staff_wellbeing")
    release("staff_wellbeing", approve="Ada Example", reason="Looked at again.")
    assert (folder / "bundle.json").exists()
    release("staff_wellbeing", withdraw="Ada Example", reason="It was wrong.")
    assert "version 1 is withdrawn" in capsys.readouterr().out
    assert not folder.exists()


@pytest.mark.parametrize(
    "options",
    [
        {"review": True, "refuse": "Ada Example"},
        {"reason": "Because."},
        {"approved_by": "Ada Example", "reason": "Because."},
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, object]) -> None:
    """One thing at a time, and a reason for a decision only."""
    with pytest.raises(ParameterError, match=r"release: (choose one|--reason goes with)"):
        release("staff_wellbeing", **options)  # type: ignore[arg-type]
