# shellcheck shell=bash disable=SC2034
# Root file systems of Debian 12 for scripts/verify-image and scripts/verify-unit, made from the
# machine's own apt sources: no registry is asked. Sourced by bash.

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
work=$root/build/verify

# make_rootfs TARGET PACKAGE,...: a minimal Debian 12 with these packages, as a tar file or a directory.
# Kept once made: remove it to have it made anew.
make_rootfs() {
    local target=$1 packages=$2 format=directory option options=()
    [ "${target%.tar}" = "$target" ] || format=tar
    if [ -e "$target" ]; then
        step "$(basename "$target") is there from an earlier run"
        return
    fi
    step "make $(basename "$target")"
    # What this machine says about signatures and dates holds for the root file system as well.
    while read -r option; do
        options+=(--aptopt="$option")
    done < <(apt-config dump | grep -E '^Acquire::Check-' | tr -d ';' | sed 's/$/;/')
    mkdir -p "$(dirname "$target")"
    # shellcheck disable=SC2016  # apt fills these in
    apt-get indextargets --format 'deb $(SITE) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
        grep -E ' bookworm[a-z-]* ' | sort -u >"$target.list"
    quietly "$target.log" mmdebstrap --format=$format --variant=minbase --include="$packages" "${options[@]}" \
        bookworm "$target.new" "$target.list"
    mv "$target.new" "$target"
}

need_root() {
    [ "$(id -u)" -eq 0 ] || die "run this as root: it makes root file systems and namespaces"
}
