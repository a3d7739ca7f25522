"""The pages in headless Chromium: from a file and from a server, with mouse and keyboard, wide and narrow."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .hostile import NAME, TEXTS

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def served(board_folder):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(board_folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def arrived(page, title):
    """Wait for the page of a title: a click returns before the next page is there."""
    page.wait_for_function("title => document.querySelector('h1')?.textContent.trim() === title", arg=title)


@pytest.fixture(params=["file", "server"])
def site(request, board_folder):
    return board_folder.as_uri() if request.param == "file" else request.getfixturevalue("served")


def column(page, name):
    names = page.locator("table[data-board] thead th").evaluate_all("all => all.map(one => one.dataset.name)")
    return page.locator(f"table[data-board] tbody tr > :nth-child({names.index(name) + 1})").all_inner_texts()


def points(texts):
    return [float(text.split(" pp")[0].replace("+", "")) for text in texts if "pp" in text]


def header(page, name):
    return page.locator(f"th[data-name={name}]")


def test_the_board_sorts_by_mouse_and_by_keyboard(page, site):
    page.goto(f"{site}/index.html")
    header(page, "D_spec").click()
    up = points(column(page, "D_spec"))
    assert up == sorted(up)
    assert "sort=D_spec" in page.url
    header(page, "D_spec").locator("[role=button], button").first.focus()
    page.keyboard.press("Enter")
    assert points(column(page, "D_spec")) == sorted(up, reverse=True)
    assert header(page, "D_spec").get_attribute("aria-sort") == "descending"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('th').dataset.name") == "task"


def test_the_board_filters_and_searches_and_its_address_leads_back(page, site):
    page.goto(f"{site}/index.html")
    whole = len(column(page, "model"))
    page.locator("select[name=k]").select_option("2")
    page.locator("select[name=stage]").select_option("rlvr")
    assert column(page, "model") == ["brittle"]
    assert page.locator("form.filters output").inner_text() == f"1 of {whole} lines"
    page.locator("select[name=stage]").select_option("")
    page.get_by_label("Search").fill("stea")
    assert set(column(page, "model")) == {"steady"}
    address = page.url
    assert address.endswith("#q=stea&k=2")
    page.goto("about:blank")
    page.goto(address)
    assert set(column(page, "model")) == {"steady"}
    page.get_by_role("navigation", name="Families").get_by_text("mine", exact=True).click()
    assert "family-mine.html#q=stea" in page.url  # that board drops what it has no lines of
    page.get_by_label("Search").fill("nobody")
    assert page.locator("form.filters output").inner_text().startswith("0 of")
    page.goto(f"{site}/index.html#sort=nothing:up&k=77&q=%00")
    assert page.locator("form.filters output").inner_text().startswith("0 of")


def test_a_model_and_a_task_have_pages(page, site):
    page.goto(f"{site}/index.html")
    page.get_by_role("link", name="brittle").first.click()
    arrived(page, "brittle")
    assert "Verification: verified" in page.locator("main").inner_text()
    assert page.locator("img").count() >= 2
    page.get_by_role("link", name="sums", exact=True).first.click()
    arrived(page, "sums")
    assert "the second loses more" in page.locator("main").inner_text()
    for picture in page.locator("img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function("one => one.complete && one.naturalWidth > 100", arg=picture.element_handle())


def test_dark_and_light_are_remembered(page, served):
    page.goto(f"{served}/index.html")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.goto(f"{served}/ordinal.html")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    assert page.get_by_role("button", name="Light").is_visible()


def test_without_scripts_the_board_can_be_read(browser, board_folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{board_folder.as_uri()}/index.html")
    assert page.locator("table#board tbody tr").count() >= 6
    assert not page.locator("form.filters").is_visible()
    context.close()


def viewer_pages(viewer, site_runs):
    brittle, hostile = (f"{viewer}/runs/{site_runs[name].name}" for name in ("brittle", "hostile"))
    samples = [f"{hostile}/samples/{number}" for number in range(len(TEXTS))]
    lists = [
        f"{viewer}/",
        f"{brittle}/",
        f"{brittle}/samples?outcome=lost",
        f"{brittle}/samples/1",
        f"{hostile}/samples",
    ]
    return [*lists, *samples, f"{viewer}/none"]


def test_no_page_is_wider_than_a_phone(page, board_folder, viewer, site_runs):
    page.set_viewport_size({"width": 390, "height": 800})
    pages = [path.as_uri() for path in board_folder.rglob("*.html")]
    for address in [*pages, *viewer_pages(viewer, site_runs)[:-1]]:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        assert page.locator("h1").is_visible()


def test_axe_finds_no_serious_fault_on_any_page(browser, served, board_folder, viewer, site_runs):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    pages = [f"{served}/{path.relative_to(board_folder)}" for path in board_folder.rglob("*.html")]
    pages += viewer_pages(viewer, site_runs)
    page = browser.new_page()
    faults = []
    for theme, address in [*(("light", one) for one in pages), *(("dark", one) for one in pages[::4])]:
        page.emulate_media(color_scheme=theme)
        page.goto(address)
        faults += [
            (theme, address, fault["id"], fault["nodes"][0]["html"][:200])
            for fault in axe.Axe().run(page).response["violations"]
            if fault["impact"] in {"serious", "critical"}
        ]
    page.close()
    assert faults == []


def test_hostile_answers_are_text_and_the_page_stays_usable(page, viewer, site_runs):
    base = f"{viewer}/runs/{site_runs['hostile'].name}/samples"
    for number, text in enumerate(TEXTS):
        for form in ("", "?as=markdown"):
            page.goto(f"{base}/{number}{form}")
            page.wait_for_load_state("networkidle")
            assert page.evaluate("window.hurt") is None
            assert page.locator("main img, main svg, main script, main a[href^=javascript]").count() == 0
            assert page.locator("footer").count() == 1
        page.goto(f"{base}/{number}")
        shown = page.locator("article pre").first.text_content()
        assert "\u202e" not in shown
        assert "\x1b" not in shown
        if number in {0, 1, 2, 3, 6}:
            assert shown.startswith(text)
    page.goto(f"{base}/5")
    assert "⟨U+202E⟩abc⟨U+202C⟩" in page.locator("article pre").first.text_content()
    page.goto(f"{base}/4")
    assert "a␀b␛[31mc␡d⟨U+2028⟩e" in page.locator("article pre").first.text_content()


def test_an_answer_of_five_megabytes_is_shown_by_parts(page, viewer, site_runs):
    page.goto(f"{viewer}/runs/{site_runs['hostile'].name}/samples/7")
    first = page.locator("article pre").first
    assert len(first.text_content()) == 4_000
    for expected in (104_000, 204_000):
        page.locator("article").first.get_by_role("button", name="Show more").click()
        page.wait_for_function(
            "size => document.querySelector('article pre').textContent.length === size", arg=expected
        )
    assert first.text_content() == TEXTS[7][:204_000]
    with page.expect_download() as downloaded:
        page.locator("article").first.get_by_text("as a file").click()
    assert downloaded.value.path().stat().st_size > len(TEXTS[7])
    page.keyboard.press("p")
    page.wait_for_url("**/samples/6**")


def test_a_hostile_name_of_a_model_is_text(page, site):
    page.goto(f"{site}/index.html")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.hurt") is None
    assert NAME.replace("\u202e", "⟨U+202E⟩") in column(page, "model")
    page.get_by_label("Search").fill("<img")
    assert len(column(page, "model")) >= 1


def test_the_viewer_filters_and_leads_from_sample_to_sample(page, viewer, site_runs):
    page.goto(f"{viewer}/")
    page.get_by_role("link", name="brittle").first.click()
    page.get_by_role("link", name="lost", exact=True).click()
    page.wait_for_url("**/samples?outcome=lost")
    outcomes = page.locator("tbody tr td:nth-child(2)").all_inner_texts()
    assert outcomes
    assert set(outcomes) == {"lost"}
    documents = page.locator("tbody th").all_inner_texts()
    page.locator("tbody th a").first.click()
    page.wait_for_url(f"**/samples/{documents[0].rpartition('/')[2]}?**")
    assert page.locator("h1").inner_text() == documents[0]
    page.keyboard.press("n")
    page.wait_for_url(f"**/samples/{documents[1].rpartition('/')[2]}?**")
    assert page.locator("h1").inner_text() == documents[1]
    titles = page.locator("section.arm h3").all_inner_texts()
    assert titles[:4] == ["base", "repeat", "placebo, k = 1", "constrained, k = 1"]
    assert page.locator("mark.added").count() >= 1
    page.locator("section.arm").nth(3).locator("summary").click()
    assert "Constraint: " in page.locator("section.arm").nth(3).locator("mark.inserted").inner_text()


def test_a_list_follows_a_run_that_goes_on(page, viewer, unfinished, site_runs):
    lines = (site_runs["brittle"] / "records.jsonl").read_bytes().splitlines(keepends=True)
    before = (unfinished / "records.jsonl").read_bytes()
    page.goto(f"{viewer}/runs/{unfinished.name}/samples")
    assert page.locator("tbody th").count() == 9
    try:
        with (unfinished / "records.jsonl").open("ab") as file:
            file.write(lines[9][200:] + lines[10])
        page.locator("tbody th").nth(10).wait_for()
    finally:
        (unfinished / "records.jsonl").write_bytes(before)
