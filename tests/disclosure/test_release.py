"""Release: what is refused, who approves, what is written, and that it is whole or not at all."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.disclosure import release as release_module
from evalkit.disclosure.bundle import MAIN_HIDDEN, NOT_SHOWN
from evalkit.disclosure.release import release_study
from evalkit.errors import DisclosureError
from evalkit.record.hashes import hash_file

MakeRun = Callable[..., Path]


def read(folder: Path, name: str) -> dict[str, object]:
    """Read a JSON file of a release."""
    content: dict[str, object] = json.loads((folder / name).read_text("utf-8"))
    return content


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def seal_again(run: Path, record: dict[str, object]) -> None:
    """Write another record into a sealed run, and the hash of it, as a forger would."""
    (run / "record.json").write_text(json.dumps(record), "utf-8")
    papers: dict[str, Any] = read(run, "run.json")
    files = {**papers["files"], "record.json": hash_file(run / "record.json")}
    (run / "run.json").write_text(json.dumps({**papers, "files": files}), "utf-8")


def few_trusts(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the estimates as if eight trusts stood behind them."""
    return estimates.assign(clusters=8, df=7.0)


def test_a_synthetic_study_is_released_without_a_person(make_run: MakeRun, tmp_path: Path) -> None:
    """The rule approves, the paper says so, and `Synthetic` is in every file."""
    outcome = release_study(make_run(), released=tmp_path / "released")
    paper = read(outcome.folder, "release.json")
    assert outcome.approval == "synthetic by rule"
    assert paper["approval"]["kind"] == "synthetic by rule"  # type: ignore[index]
    assert (paper["version"], paper["previous"]) == (1, None)
    for name, content in bytes_of(outcome.folder).items():
        assert b"ynthetic" in content, name


def test_the_bundle_has_the_parts_of_the_contract(make_run: MakeRun, tmp_path: Path) -> None:
    """The report's own reader accepts the bundle, and a hidden cell is [c]."""
    from evalkit.reports.bundle import read_bundle

    outcome = release_study(make_run(), released=tmp_path / "released")
    bundle = read_bundle(outcome.folder.parent, "staff_wellbeing")
    people = [row["respondents"] for row in bundle.tables["who"].rows]
    assert people == ["[c]", "[c]", 60, 91]
    assert bundle.finding["answer"].startswith("Higher by 0.05")
    assert bundle.tables["headline"].rows[0]["value"] == 0.052


def test_real_data_need_a_person(make_run: MakeRun, tmp_path: Path) -> None:
    """Without a name the release is refused, with what to type; with one it is stamped so."""
    run, home = make_run(synthetic=False), tmp_path / "released"
    with pytest.raises(DisclosureError, match='staff_wellbeing --approved-by "YOUR NAME"') as fault:
        release_study(run, released=home)
    assert fault.value.exit_code == 4
    assert not home.exists()
    outcome = release_study(run, approved_by="Ada Example", released=home)
    approval = read(outcome.folder, "release.json")["approval"]
    assert (approval["by"], approval["kind"]) == ("Ada Example", "person")  # type: ignore[index]


def test_a_withdrawn_declaration_needs_a_person(
    make_run: MakeRun, listed: Path, tmp_path: Path
) -> None:
    """Data that are no longer listed as synthetic are not released by rule; who looks is told."""
    run, home = make_run(), tmp_path / "released"
    package = json.loads(listed.read_text("utf-8"))
    package["resources"][1]["hash"] = "sha256:" + "b" * 64
    listed.write_text(json.dumps(package), "utf-8")
    with pytest.raises(DisclosureError, match=r"1 of its sources are called synthetic.*\(staff\)"):
        release_study(run, released=home)
    listed.unlink()
    with pytest.raises(
        DisclosureError, match=r"2 of its sources .*\(patient, staff\), so a person"
    ):
        release_study(run, released=home)
    assert not home.exists()
    outcome = release_study(run, approved_by="Ada Example", released=home)
    assert outcome.approval == "person"
    assert outcome.remarks[0].endswith("with the hash that was read: patient, staff.")


def test_a_run_sealed_again_as_synthetic_is_not_believed(make_run: MakeRun, tmp_path: Path) -> None:
    """Whoever writes a record anew, seals and all, does not make real data synthetic."""
    run = make_run(synthetic=False)
    record = read(run, "record.json")
    for source in record["sources"]:  # type: ignore[attr-defined]
        source.update(synthetic=True, sha256="c" * 64)
    seal_again(run, {**record, "synthetic": True})
    with pytest.raises(DisclosureError, match=r"no datapackage\.json lists them"):
        release_study(run, released=tmp_path / "released")


def test_a_study_of_which_a_part_is_synthetic_is_not_called_so(
    make_run: MakeRun, tmp_path: Path
) -> None:
    """Of a mixture the real part needs a person, and each table says which part is made up."""
    run, home = make_run(synthetic=(True, False)), tmp_path / "released"
    with pytest.raises(DisclosureError, match=r"1 of its sources are not synthetic \(staff\)"):
        release_study(run, released=home)
    outcome = release_study(run, approved_by="Ada Example", released=home)
    bundle = read(outcome.folder, "bundle.json")
    made_up = {s["name"]: s["synthetic"] for s in bundle["sources"]}  # type: ignore[attr-defined]
    assert (bundle["synthetic"], made_up) == (False, {"patient": True, "staff": False})
    for table in bundle["tables"].values():  # type: ignore[attr-defined]
        assert table["description"].startswith("Part of these data is synthetic: patient.")
    assert read(outcome.folder, "release.json")["synthetic"] is False


def test_a_record_that_calls_a_mixture_synthetic_is_refused(
    make_run: MakeRun, tmp_path: Path
) -> None:
    """Not even a person releases real data under the word synthetic."""
    run = make_run(synthetic=(True, False))
    seal_again(run, {**read(run, "record.json"), "synthetic": True})
    with pytest.raises(DisclosureError, match="says otherwise of the study than of its sources"):
        release_study(run, approved_by="Ada Example", released=tmp_path / "released")


def test_what_has_not_been_scanned_is_closed_to_other_users(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While files wait for the scan their owner alone may enter; once released, all may read."""
    modes = []

    def look(folder: Path, expected: object) -> list[object]:
        modes.append(stat.S_IMODE(folder.parent.stat().st_mode))
        return []

    monkeypatch.setattr(release_module, "scan_folder", look)
    before = os.umask(0o022)
    try:
        outcome = release_study(make_run(), released=tmp_path / "released")
    finally:
        os.umask(before)
    assert modes == [0o700]
    assert stat.S_IMODE(outcome.folder.stat().st_mode) == 0o755


@pytest.mark.parametrize("name", ["", "  ", "12", "x" * 101, "A\nB", "a.person@example.org"])
def test_a_name_that_is_none_is_refused(make_run: MakeRun, tmp_path: Path, name: str) -> None:
    """An empty, endless or unprintable name, a number or an address is no person."""
    with pytest.raises(DisclosureError):
        release_study(make_run(synthetic=False), approved_by=name, released=tmp_path / "released")
    assert not (tmp_path / "released" / "staff_wellbeing").exists()


@pytest.mark.parametrize("missing", ["record.json", "run.json"])
def test_an_unsealed_folder_is_refused(make_run: MakeRun, tmp_path: Path, missing: str) -> None:
    """A folder without record or papers was not made by the runner."""
    run = make_run()
    (run / missing).unlink()
    with pytest.raises(DisclosureError, match="is not sealed"):
        release_study(run, released=tmp_path / "released")


@pytest.mark.parametrize("name", ["record.json", "tables/who.parquet", "extra.csv"])
def test_a_changed_run_is_refused(make_run: MakeRun, tmp_path: Path, name: str) -> None:
    """A file changed or added after sealing is named, and nothing is released."""
    run = make_run()
    with (run / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(DisclosureError, match=f"1 files are not as they were sealed .{name}"):
        release_study(run, released=tmp_path / "released")


def test_a_run_that_did_not_end_well_is_refused(make_run: MakeRun, tmp_path: Path) -> None:
    """A status other than ok is named."""
    run = make_run()
    papers = read(run, "run.json")
    (run / "run.json").write_text(json.dumps({**papers, "status": "timeout"}), "utf-8")
    with pytest.raises(DisclosureError, match="status timeout"):
        release_study(run, released=tmp_path / "released")


@pytest.mark.parametrize(
    "words",
    [
        {"answer": "Higher by 0.05 points, in 24 answers from the south."},
        {"check_finding": "The estimate is 0.77 in later quarters."},
    ],
)
def test_an_unreleased_number_in_a_sentence_stops_the_release(
    make_run: MakeRun, tmp_path: Path, words: dict[str, str]
) -> None:
    """A hidden count or an unknown estimate in words: refused, named by place, not by value."""
    home = tmp_path / "released"
    with pytest.raises(DisclosureError, match=r"bundle\.json, (finding|checks)\.") as e:
        release_study(make_run(**words), released=home)
    assert "24" not in str(e.value)
    assert "0.77" not in str(e.value)
    assert list(home.iterdir()) == []


def test_a_refused_release_leaves_the_earlier_one(make_run: MakeRun, tmp_path: Path) -> None:
    """What stands in the released folder is the earlier release, byte for byte."""
    home = tmp_path / "released"
    outcome = release_study(make_run(), released=home)
    before = bytes_of(outcome.folder)
    (tmp_path / "runs").rename(tmp_path / "earlier")
    with pytest.raises(DisclosureError):
        release_study(make_run(answer="It is 8.27153."), released=home)
    assert bytes_of(outcome.folder) == before
    assert [entry.name for entry in home.iterdir()] == ["staff_wellbeing"]


def test_a_second_release_names_the_first_and_the_same_one_changes_nothing(
    make_run: MakeRun, tmp_path: Path
) -> None:
    """Releasing again is skipped; a new run is version 2 and names the hash of version 1."""
    home, run = tmp_path / "released", make_run()
    first = release_study(run, released=home)
    before = bytes_of(first.folder)
    again = release_study(run, released=home)
    assert (again.unchanged, again.version) == (True, 1)
    assert bytes_of(first.folder) == before
    hashed = hash_file(first.folder / "release.json")
    (tmp_path / "runs").rename(tmp_path / "earlier")
    second = release_study(make_run(answer="Higher by 0.05 points."), released=home)
    paper = read(second.folder, "release.json")
    assert (second.unchanged, paper["version"], paper["previous"]) == (False, 2, hashed)


def test_a_move_that_fails_leaves_the_earlier_release(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release stopped between its two renames is put back by the next one."""
    home = tmp_path / "released"
    first = release_study(make_run(), released=home)
    before = bytes_of(first.folder)
    first.folder.rename(home / ".staff_wellbeing.old")
    (tmp_path / "runs").rename(tmp_path / "earlier")
    with pytest.raises(DisclosureError):
        release_study(make_run(answer="It is 8.27153."), released=home)
    assert bytes_of(first.folder) == before
    monkeypatch.setattr(release_module, "scan_folder", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        (tmp_path / "runs").rename(tmp_path / "refused")
        release_study(make_run(answer="Higher by 0.05 points."), released=home)
    assert bytes_of(first.folder) == before
    assert [entry.name for entry in home.iterdir()] == ["staff_wellbeing"]


def _interrupt(*_arguments: object) -> None:
    raise KeyboardInterrupt


def test_a_hidden_main_estimate_is_said_in_words(
    make_run: MakeRun, tmp_path: Path, sealed_estimates: pd.DataFrame
) -> None:
    """With eight trusts nothing is estimated for the reader: words replace every sentence."""
    outcome = release_study(
        make_run(estimates=few_trusts(sealed_estimates)), released=tmp_path / "released"
    )
    finding = read(outcome.folder, "bundle.json")["finding"]
    assert finding["answer"] == MAIN_HIDDEN  # type: ignore[index]
    assert "The main estimate is hidden" in outcome.remarks[0]
    assert any("no number may be shown" in remark for remark in outcome.remarks)
    assert "0.052" not in (outcome.folder / "bundle.json").read_text("utf-8")


def test_a_sentence_on_a_hidden_number_is_withheld(
    make_run: MakeRun, tmp_path: Path, sealed_estimates: pd.DataFrame
) -> None:
    """Where a table hides the number, the sentence gives way and the rest is released."""
    run = make_run(
        estimates=few_trusts(sealed_estimates), check_finding="It is not the 0.05 of the answer."
    )
    outcome = release_study(run, released=tmp_path / "released")
    checks = read(outcome.folder, "bundle.json")["checks"]
    assert checks[0]["finding"] == NOT_SHOWN  # type: ignore[index]


def test_svg_is_left_out_where_a_profile_forbids_it(make_run: MakeRun, tmp_path: Path) -> None:
    """Under tre10 the picture is released as PNG alone, and zeros are hidden."""
    outcome = release_study(make_run(profiles=("tre10", "staff")), released=tmp_path / "released")
    assert not list(outcome.folder.rglob("*.svg"))
    figure = read(outcome.folder, "bundle.json")["figures"]["estimates"]  # type: ignore[index]
    assert (figure["svg"], figure["png"]) == (None, "figures/estimates.png")


@pytest.mark.parametrize("text", ["=1+1", "<script>", "@cmd"])
def test_text_that_would_run_is_harmless_in_every_file(
    make_run: MakeRun, tmp_path: Path, text: str
) -> None:
    """A group called like a formula or a script is text in CSV, JSON and picture."""
    who = pd.DataFrame({"group": [text, "b", "c", "total"], "respondents": [20, 30, 45, 95]})
    outcome = release_study(make_run(who=who), released=tmp_path / "released")
    first = (outcome.folder / "tables" / "who.csv").read_text("utf-8").splitlines()[1]
    assert first.startswith(f"'{text}" if text[0] in "=@" else text)


def test_a_table_with_too_many_rows_is_refused(make_run: MakeRun, tmp_path: Path) -> None:
    """Opensafely allows 5,000 rows."""
    who = pd.DataFrame({"group": [f"g{i}" for i in range(5001)], "respondents": 500})
    with pytest.raises(DisclosureError, match="5001 rows"):
        release_study(
            make_run(profiles=("opensafely", "staff"), who=who), released=tmp_path / "released"
        )
