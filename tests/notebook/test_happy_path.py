"""The five cells of the README in a real kernel, and what can be done with their results."""

import pytest


@pytest.fixture(scope="module")
def trained(kernel, two_tower):
    declared = kernel.run(two_tower("two_tower"))
    history = kernel.run("history = %rectrain two_tower --epochs 3\nhistory")
    assert not history.error, history.error
    return kernel, declared, history


def test_the_card_shows_text_graph_and_table(trained):
    _, declared, _ = trained
    assert "<svg" in declared.html and "<table" in declared.html and "embedding(user_id, width)" in declared.html
    assert "not trained yet" in declared.text


def test_training_returns_a_history_and_takes_its_view_away(trained):
    _, _, history = trained
    assert history.text.startswith("History('two_tower', 3 epochs") and "<svg" in history.html
    assert "application/vnd.jupyter.widget-view+json" in history.displays[0]
    assert history.displays[-1] == {"text/html": "", "text/plain": ""}
    assert history.stream == ""


def test_the_report_stands_beside_popularity_and_the_ceiling(trained):
    kernel, _, _ = trained
    report = kernel.run("%receval two_tower --k 5")
    assert not report.error, report.error
    for word in ("two_tower", "Popularity", "Ceiling", "ndcg@5"):
        assert word in report.html and word in report.text


def test_recommendations_are_a_table_and_a_frame(trained):
    kernel, _, _ = trained
    shown = kernel.run("lists = %recommend two_tower --user 42 43 -k 4\nlists")
    assert "<caption" in shown.html and "<script" not in shown.html
    assert (
        kernel.run("len(lists.df), list(lists.df.columns[:4])").text == "(8, ['user_id', 'item_id', 'score', 'rank'])"
    )


def test_with_nobody_named_it_starts_with_the_first_user(trained):
    kernel, _, _ = trained
    shown = kernel.run("%recommend two_tower -k 3")
    assert "for user 1<" in shown.html and "--user ID names another" in shown.html
    assert "application/vnd.jupyter.widget-view+json" in shown.data


def test_two_models_stand_side_by_side(trained, two_tower):
    kernel, _, _ = trained
    kernel.run(two_tower("other"))
    kernel.run("%rectrain other --epochs 1;")
    shown = kernel.run("both = %recommend two_tower other --user 42 -k 3\nboth")
    assert "in common between two_tower and other" in shown.text and "against two_tower" in shown.html
    assert kernel.run("both.df.equals(two_tower.recommend([42], k=3, beside=[other]).df)").text == "True"


def test_lists_as_of_the_test_part_filtered_and_diverse_through_both_doors(trained):
    kernel, _, _ = trained
    options = '--user 42 -k 4 --as-of test --diversity 0.3 --where "year > 1990"'
    kernel.run(f"by_magic = %recommend two_tower {options}")
    kernel.run("by_method = two_tower.recommend([42], k=4, as_of='test', diversity=0.3, where='year > 1990')")
    assert kernel.run("by_magic.df.equals(by_method.df), 'hit' in by_magic.df").text == "(True, True)"


def test_an_item_is_explained_through_both_doors(trained):
    kernel, _, _ = trained
    shown = kernel.run('%recexplain two_tower --user 42 --item "Alien"')
    assert "Why Alien for user 42 by two_tower" in shown.text and "user and item together" in shown.html
    assert kernel.run("repr(two_tower.explain(42, 'Alien'))").text.count("Why Alien") == 1
    assert "For whom?" in kernel.run('%recexplain two_tower --item "Alien"').error
    assert "by their id only" in kernel.run('%recexplain two_tower --item "Alien" --new "Heat"').error


def test_a_semicolon_silences(trained):
    kernel, _, _ = trained
    assert kernel.run("%recommend two_tower --user 42;").data == {}


def test_the_same_cell_keeps_the_weights_and_another_does_not(trained, two_tower):
    kernel, _, _ = trained
    kernel.run("former = two_tower")
    assert "trained" in kernel.run(two_tower("two_tower")).text and kernel.run("two_tower is former").text == "True"
    changed = kernel.run(two_tower("two_tower").replace("width = 16", "width = 8"))
    assert "'two_tower' is a new, untrained model" in changed.text
    assert kernel.run("two_tower is former, two_tower.trained").text == "(False, False)"
    kernel.run("two_tower = former")


def test_data_may_be_loaded_again_under_its_own_name(trained):
    kernel, _, _ = trained
    assert kernel.run("%recdata films films").text.startswith("Dataset films: 2,000 users")
    assert kernel.run("%recdata films").text.startswith("Dataset films: 2,000 users")
    assert not kernel.run("%recommend two_tower --user 42 -k 3").error


def test_magics_and_methods_are_the_same(trained):
    kernel, _, _ = trained
    same = "(%recommend two_tower --user 42 -k 3)"
    kernel.run(f"by_magic = {same.strip('()')}\nby_method = two_tower.recommend([42], k=3)")
    assert kernel.run("by_magic.df.equals(by_method.df)").text == "True"


def test_new_rows_are_taken_in(trained, two_tower):
    kernel, _, _ = trained
    kernel.run(two_tower("growing"))
    kernel.run("%rectrain growing --epochs 1;")
    kernel.run("import pandas as pd\nrows = pd.DataFrame({'user_id': [999999] * 3, 'item_id': films.items.ids[1:4], "
               "'rating': 5.0, 'timestamp': pd.Timestamp('2025-02-01')})")  # fmt: skip
    history = kernel.run("%recupdate growing rows --epochs 1")
    assert history.text.startswith("History("), history.error
    assert not kernel.run("%recommend growing --user 999999 -k 3").error


def test_all_users_go_to_a_file(trained, tmp_path):
    kernel, _, _ = trained
    path = tmp_path / "recs.parquet"
    assert not kernel.run(f"%recommend two_tower --all -k 3 --to {path}").error
    assert kernel.run(f"len(pd.read_parquet({str(path)!r})) == 3 * films.users.count").text == "True"


def test_info_needs_nothing(trained):
    kernel, _, _ = trained
    info = kernel.run("%recinfo")
    assert "JAX" in info.text and "ZMQInteractiveShell" in info.text
