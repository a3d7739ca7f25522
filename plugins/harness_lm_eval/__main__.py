"""lm-eval's own command line with our backends: `python -m harness_lm_eval run --model harness ...`.

lm-eval looks for models in a list of its own and scans no entry points, so its command `lm_eval` cannot find one that
is not in it; this one puts it there and does nothing else.
"""

from __future__ import annotations


def register() -> None:
    """Make `--model harness` known to lm-eval, after all its own: a registry of lm-eval is filled only while empty."""
    import lm_eval.models  # noqa: F401  # fills the registry
    from lm_eval.api.registry import model_registry

    if "harness" not in model_registry:
        model_registry.register("harness", target="harness_lm_eval.served:HarnessLM")


def main() -> None:
    """Be lm-eval."""
    from lm_eval.__main__ import cli_evaluate

    register()
    cli_evaluate()


if __name__ == "__main__":
    main()
