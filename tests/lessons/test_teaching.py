"""What a teacher gets: solutions, times, and every wrong answer that a check knows."""

import nbformat

from lessons.making.notebook import student, teacher
from lessons.making.script import all_lessons
from lessons.making.teaching import FOLLOWED, NAMED, class_overview, known_mistakes, teaching_notebook


def test_mistakes_are_the_checks_own_words(lesson, wrong):
    """Most of what the wrong answers are told in the tests is among them; the rest is composed as the check runs."""
    known = known_mistakes(lesson)
    assert tuple(known) == lesson.exercises
    for texts in known.values():
        assert len(set(texts)) == len(texts)
        for text in texts:
            assert len(text.split()) > 2, text
            assert text[0] not in " ,;.", text  # no rest of a sentence
    said = [(answer.exercise, text) for answer in wrong for text in answer.options["says"]]
    found = [any(text in each for each in known[exercise]) for exercise, text in said]
    assert sum(found) >= len(found) / 6


def test_the_notebook_has_solutions_and_names_mistakes_behind_each_check(lesson):
    made = teaching_notebook(lesson)
    nbformat.validate(made)
    cells = made["cells"]
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert code == [cell["source"] for cell in teacher(lesson)["cells"] if cell["cell_type"] == "code"]
    checks = [k for k, cell in enumerate(cells) if "check" in cell["metadata"].get("tags", ())]
    assert len(checks) == len(lesson.exercises)
    assert all(cells[k + 1]["source"].startswith((NAMED, FOLLOWED)) for k in checks)


def test_the_overview_has_every_lesson_and_its_time():
    (cell,) = class_overview(all_lessons())["cells"]
    for lesson in all_lessons():
        assert (
            f"| [{lesson.title}]({lesson.name}.ipynb) | {lesson.minutes} | {len(lesson.exercises)} |" in cell["source"]
        )
    assert "mirnet lessons --grade handed-in -o grades.csv" in cell["source"]


def test_cells_are_what_nbgrader_takes_them_for(lesson):
    """Version 3 of its schema: unique names, points where something is graded, answers that can be changed."""
    marks = [cell["metadata"]["nbgrader"] for cell in student(lesson)["cells"] if cell["cell_type"] == "code"]
    names = [mark["grade_id"] for mark in marks]
    assert len(set(names)) == len(names)
    for mark in marks:
        assert mark["schema_version"] == 3
        assert set(mark) - {"points"} == {"schema_version", "grade_id", "solution", "grade", "locked", "task"}
        assert ("points" in mark) == mark["grade"]
        assert mark["locked"] != mark["solution"]
        assert set(mark["grade_id"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
    assert [mark["grade_id"] for mark in marks if mark["solution"]] == list(lesson.exercises)
    assert [mark["grade_id"] for mark in marks if mark["grade"]] == [f"{name}-check" for name in lesson.exercises]
