"""Static files are built under the digest of them all, and those of the state before stay until the next."""

from pathlib import Path

import pytest

from contest.gateways import assets


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    for name in ("css/base.css", "js/app.js", "vendor/icons/1/sprite.svg"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("of it, " * 200)
    return folder


def states(target: Path) -> set[str]:
    return {path.name for path in (target / "static").iterdir()} - {"vendor"}


def test_what_was_built_before_stays_until_the_next(source: Path, tmp_path: Path) -> None:
    target, built = tmp_path / "target", []
    for text in ("first", "second", "third"):
        (source / "js" / "app.js").write_text(text)
        built.append(assets.build(source, target))
        assert assets.built_version(target) == built[-1]
        assert states(target) == set(built[-2:])
        assert (target / "static" / built[-1] / "js" / "app.js").read_text() == text
    assert assets.build(source, target) == built[-1]


def test_build_that_was_broken_off_is_done_again(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    version = assets.build(source, target)
    (source / "js" / "app.js").write_text("second")
    broken = target / "static" / assets.digest_of(source)
    broken.mkdir()
    (broken / "half").touch()
    assert assets.build(source, target) == broken.name
    assert not (broken / "half").exists()
    assert states(target) == {version, broken.name}
    (target / "version").unlink()
    assert assets.build(source, target) == broken.name
    assert states(target) == {broken.name}


def test_files_lie_ready_compressed(source: Path, tmp_path: Path) -> None:
    version = assets.build(source, tmp_path / "target")
    for folder, name in ((version, "app.css"), (version, "css/base.css"), ("vendor", "icons/1/sprite.svg")):
        path = tmp_path / "target" / "static" / folder / name
        assert {p.name for p in path.parent.glob(f"{path.name}*")} == {
            path.name,
            f"{path.name}.gz",
            f"{path.name}.br",
        }
