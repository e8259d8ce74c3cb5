"""How the pages of this folder become a site: ``make docs``."""

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from pygments.lexers.special import TextLexer

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from forecaster.config import schema  # noqa: E402  # the checkout's, installed or not
from forecaster.version import VERSION  # noqa: E402

project = "UK election forecaster"
author = copyright = "the forecaster maintainers"
release = version = VERSION

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
]

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

# Tutorials are run when the site is built, in a folder of their own, and a mistake in one ends the
# build. Commands are those of this checkout.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
nb_render_markdown_format = "myst"  # with tables
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
os.environ["PYTHONPATH"] = str(HERE.parent)
os.environ["IPYTHONDIR"] = tempfile.mkdtemp(prefix="site-")
shutil.copytree(HERE / "_ipython", os.environ["IPYTHONDIR"], dirs_exist_ok=True)

numpydoc_show_class_members = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/icon.svg"
html_logo = "_static/icon.svg"
html_context = {"default_mode": "auto"}
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": project},
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
}


ELSEWHERE = {
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "data": "data/README.md",
}
"""Pages that lie outside of this folder, by the page that stands for each here."""


def setup(app):
    """Read pages from elsewhere, show tables as the text that they are, publish the schemas."""
    app.connect("source-read", _read_page)
    app.connect("build-finished", _publish_schemas)
    app.add_lexer("csv", TextLexer)


def _read_page(app, name, source):
    text = (HERE.parent / ELSEWHERE[name]).read_text("utf-8") if name in ELSEWHERE else source[0]
    text = re.sub(r"\]\((\.\./)?data/README\.md\)", "](data.md)", text)
    source[0] = text.replace("](docs/", "](")


def _publish_schemas(app, error):
    for name, made in {"config": schema.config_schema, "pact": schema.pact_schema}.items():
        path = Path(app.outdir) / f"{name}.schema.json"
        path.write_text(json.dumps(made(), indent=2, ensure_ascii=False), encoding="utf-8")
