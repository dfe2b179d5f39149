"""A lit format that makes one test for each fetched model, each known topology and each labelled task."""
import json
import os
import subprocess

import lit.formats
import lit.Test

HERE = os.path.dirname(os.path.abspath(__file__))


def cases(config):
    """(name, driver script, its arguments, what must exist) of every generated test."""
    models = os.environ.get("LAMBENT_MODELS") or os.path.join(config.lambent_source, "build", "models")
    scratch = os.path.join(config.test_exec_root, "Integration", "Output")
    with open(os.path.join(config.lambent_source, "scripts", "models", "models.json")) as file:
        for model in json.load(file)["models"]:
            folder = os.path.join(models, model["name"])
            yield "real-" + model["name"], "real_model.py", [folder], folder
    for file in sorted(os.listdir(os.path.join(config.lambent_source, "benchmarks", "topologies"))):
        if file.startswith("light_") and file.endswith(".onnx"):
            name = file[:-5]
            yield name, "light_model.py", [name, os.path.join(scratch, name)], HERE
    for task in ("imagenet", "mnist", "faces-24", "faces-48", "words", "sentences-l3", "file-types"):
        yield "task-" + task, "task.py", [task, models, os.path.join(scratch, task)], models
    yield "task-quantization-commands", "quantization_commands.py", [models, os.path.join(scratch, "commands")], models
    for task in ("imagenet", "mnist", "sentences-l3"):
        yield "task-int8-" + task, "int8_task.py", [task, models, os.path.join(scratch, "int8-" + task)], models


class ModelTests(lit.formats.ShTest):
    """The usual .test files, and the generated cases."""

    def getTestsInDirectory(self, suite, path, lit_config, local_config):
        yield from super().getTestsInDirectory(suite, path, lit_config, local_config)
        for name, script, arguments, needs in cases(local_config):
            test = lit.Test.Test(suite, path + (name,), local_config)
            test.command = [local_config.lambent_python, os.path.join(HERE, script), *arguments]
            test.needs = needs
            yield test

    def execute(self, test, lit_config):
        if not hasattr(test, "command"):
            return super().execute(test, lit_config)
        missing = {"lambent", "onnx"} - set(test.config.available_features)
        if missing or not os.path.exists(test.needs):
            return lit.Test.UNSUPPORTED, f"needs {test.needs} and {missing}"
        result = subprocess.run(test.command, capture_output=True, text=True, errors="replace",
                                env=dict(os.environ, **test.config.environment))
        code = lit.Test.PASS if result.returncode == 0 else lit.Test.FAIL
        return code, " ".join(test.command) + "\n" + result.stdout + result.stderr

