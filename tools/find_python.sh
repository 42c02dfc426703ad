#!/bin/sh
# Print a Python 3.13: from the path, pyenv or uv. Nothing is installed; see .ci/run for that.
for candidate in "${PYTHON:-}" python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python \
    /opt/python3.13/bin/python3.13 python3 python "$(uv python find 3.13 2>/dev/null)"; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then
        command -v "$candidate"
        exit 0
    fi
done
echo "Python 3.13 was not found: install it (pyenv install 3.13, or uv python install 3.13) or set PYTHON." >&2
exit 1
