#!/bin/sh
# Makes .venv ready: tools/venv.sh app       (the package)
#                    tools/venv.sh lessons   (the package, and what the lessons' notebooks need)
#                    tools/venv.sh dev       (all that, and what tests and checks need)
#                    tools/venv.sh docs      (the package, and what makes the pages of `make docs`)
# PYTHON=python3.12 chooses the interpreter. A second run finds the stamp of the first and ends at once.
set -eu
cd "$(dirname "$0")/.."
what=${1:?app, lessons, dev or docs}
venv=.venv
bin=$venv/bin/python
supported="3.11 3.12 3.13"
debian="apt-get install python3 python3-venv"

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 2
}

# "3.12", or nothing when the command does not run (a pyenv shim exists and refuses, for example).
version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

is_supported() {
    case " $supported " in *" $1 "*) [ -n "$1" ] ;; *) false ;; esac
}

# Debian and Ubuntu ship venv and ensurepip in a package of their own.
can_make_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        python=$PYTHON
        version=$(version_of "$python")
        [ -n "$version" ] || fail "PYTHON=$python does not run; give a Python of $supported"
        is_supported "$version" || fail "PYTHON=$python is Python $version; supported are $supported"
        can_make_venv "$python" || fail "$python has no venv module: on Debian or Ubuntu, apt-get install python$version-venv"
        return
    fi
    lacking=
    for python in python3.12 python3.13 python3.11 python3; do
        version=$(version_of "$python")
        is_supported "$version" || continue
        can_make_venv "$python" && return
        lacking=${lacking:-$version}
    done
    [ -z "$lacking" ] || fail "Python $lacking has no venv module: on Debian or Ubuntu, apt-get install python$lacking-venv"
    found=$(version_of python3)
    fail "no Python of $supported found (python3 is ${found:-missing}): on Debian 12+ or Ubuntu 24.04+, $debian; or name one with PYTHON=..."
}

venv_works() {
    [ -x $bin ] && "$bin" -m pip --version >/dev/null 2>&1
}

# What an install depends on: the dependencies, the interpreter, and the folder (an editable install points at it).
stamp_now() {
    printf '%s %s %s\n' "$(cksum <pyproject.toml)" "$("$bin" -c 'import platform; print(platform.python_version())')" "$PWD"
}

# An existing .venv is kept unless PYTHON asks for another version, or it is broken (interrupted, or its Python was removed).
if ! is_supported "$(version_of $bin)" || ! venv_works; then
    [ ! -e $venv ] || echo "The .venv that is here does not work: making it anew."
    rebuild=yes
elif [ -n "${PYTHON:-}" ] && [ "$(version_of "$PYTHON")" != "$(version_of $bin)" ]; then
    rebuild=yes
else
    rebuild=no
fi

if [ $rebuild = yes ]; then
    choose_python
    echo "Making .venv with $python (Python $version)."
    rm -rf $venv
    "$python" -m venv $venv
fi

stamp=$venv/mirnet-$what.stamp
now=$(stamp_now)
if [ "$(cat $stamp 2>/dev/null)" = "$now" ]; then
    exit 0
fi
# dev holds everything that lessons needs, and lessons (docs as well) everything that app needs.
case $what in app) more="lessons dev docs" ;; lessons) more=dev ;; *) more= ;; esac
for larger in $more; do
    [ "$(cat $venv/mirnet-$larger.stamp 2>/dev/null)" != "$now" ] || exit 0
done

echo "Installing into .venv; the first time this fetches about 1 GB (TensorFlow) and takes some minutes."
for old in $venv/mirnet-*.stamp; do # one that holds stays: what is added now takes nothing away
    [ "$(cat "$old" 2>/dev/null)" = "$now" ] || rm -f "$old"
done
case $what in
app) target=. ;;
lessons | dev | docs) target=".[$what]" ;;
*) fail "tools/venv.sh takes app, lessons, dev or docs, not $what" ;;
esac
"$bin" -m pip install --disable-pip-version-check -e "$target"
printf '%s\n' "$now" >$stamp.part
mv $stamp.part $stamp
