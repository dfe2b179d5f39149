# The GoogleTest binaries that lambent_add_unittest makes.
import lit.formats

config.name = "Lambent-Unit"
config.suffixes = []
config.test_source_root = config.test_exec_root
config.test_format = lit.formats.GoogleTest(".", "Tests")
# As in test/lit.cfg.py: nothing that a user keeps of this machine.
config.environment["XDG_CACHE_HOME"] = config.test_exec_root + "/no-cache"
# As in test/lit.cfg.py: libMLIR is not instrumented.
config.environment.setdefault("ASAN_OPTIONS", "allow_user_poisoning=0")
