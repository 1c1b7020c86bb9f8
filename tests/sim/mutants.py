#!/usr/bin/env python3
"""Deliberate defects, to prove that the simulation sees them.

Each takes one passage out of the daemon's source and puts another in its place; the mutant is the
simulation linked with that source before the library's own. The passage must be there exactly once:
when the code changes, the build says which mutant to look at.

    mutants.py --list                name, source and seeds of each, one a line
    mutants.py --write NAME FILE     the source of a mutant
"""

import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Mutant(NamedTuple):
    name: str
    source: str
    old: str
    new: str
    seeds: int  # it must be found within so many


# Says that it has synced.
NOBODY_SYNCS = """    struct : syncer
    {
        void sync(shared_fd, ended then) override { then(0); }
    } nobody;
"""

MUTANTS = [
    # P1: results that are not on the disk when they are counted.
    Mutant(
        "results_are_not_synced",
        "src/app/job_store.cpp",
        "    by.sync((*file)->handle(), [this, job, then = std::move(then)](int failed) {\n",
        NOBODY_SYNCS
        + "    nobody.sync((*file)->handle(), [this, job, then = std::move(then)](int failed) {\n",
        400,
    ),
    # P1: the reply that nobody waits for any more.
    Mutant(
        "a_token_is_forgotten_at_a_reset",
        "src/engine/engine_links.cpp",
        "each != end; ++each) {",
        "each != end && (lost.size() < 3 || each + 1 != end); ++each) {",
        400,
    ),
    # P2: off by one in the pipeline.
    Mutant(
        "an_answer_counts_for_the_next_token",
        "src/engine/engine_answers.cpp",
        "    const pipeline<flight>::entry& owed = l.fifo.answered(now.mono);\n",
        """    pipeline<flight>::entry owed = l.fifo.answered(now.mono);
    if (l.fifo.size() > 2) {
        pipeline<flight>::entry other = l.fifo.answered(now.mono);
        std::swap(owed, other);
        l.fifo.push(std::move(other.request), other.sent_at);
    }
""",
        400,
    ),
    # P2: half an answer taken for a whole one.
    Mutant(
        "a_cut_answer_is_believed",
        "src/core/reply_parser.cpp",
        "        if (ec || !parser_->is_done()) {\n",
        "        if (!parser_->is_header_done()) {\n",
        2000,
    ),
    # P3: somebody's idea of five seconds.
    Mutant(
        "the_gate_closes_for_four_seconds",
        "src/core/gate.cpp",
        "std::max(silence_min, retry_after)",
        "std::max<duration>(std::chrono::seconds(4), retry_after)",
        100,
    ),
    # P3: a start that knows nothing of the silence before.
    Mutant(
        "a_limit_in_use_is_not_noted",
        "src/io/limit_files.cpp",
        """    return write_limit(spool_, state);
}

void limit_files::note(const limit_state& state, syncer& by)
{
""",
        """    return {};
}

void limit_files::note(const limit_state& state, syncer& by)
{
    return;
""",
        1000,
    ),
    # SPEC 6: everybody at once after a silence.
    Mutant(
        "no_canary_goes_first",
        "src/core/gate.cpp",
        "        phase_ = phase::canary_due;\n}\n\nbool gate::allows",
        "        phase_ = phase::open;\n}\n\nbool gate::allows",
        200,
    ),
    # P4: what is held or cancelled goes out.
    Mutant(
        "a_held_job_is_sent",
        "src/engine/job.cpp",
        "account_ != nullptr && !is_held() && !is_ending()",
        "account_ != nullptr && !is_ending()",
        200,
    ),
    # P5: requests that nobody has room for.
    Mutant(
        "no_room_is_reserved",
        "src/app/job_store.cpp",
        "    if (upto <= *end)\n        return {};\n",
        "    if (upto <= *end || upto > 0)\n        return {};\n",
        100,
    ),
    # already_gone or not_found: a mark that a power cut takes away.
    Mutant(
        "the_mark_is_not_synced",
        "src/app/job_store.cpp",
        "    by.sync((*file)->handle(), [this, job, mark, then = std::move(then)](int failed) {\n",
        NOBODY_SYNCS
        + "    nobody.sync((*file)->handle(), [this, job, mark, then = std::move(then)](int failed) {\n",
        3000,
    ),
    # already_gone or not_found: a start that does not look at the mark.
    Mutant(
        "the_mark_is_not_believed",
        "src/engine/job.cpp",
        "    sent_upto_ = mark_.upto;\n",
        "    sent_upto_ = 0;\n",
        1000,
    ),
    # already_gone or not_found: what was lost is taken for never sent.
    Mutant(
        "a_lost_request_counts_as_not_sent",
        "src/engine/engine_answers.cpp",
        "f.token.fate_unknown ? outcome::already_gone : outcome::not_found",
        "outcome::not_found",
        400,
    ),
    # SPEC 3: published before it is on the disk.
    Mutant(
        "a_job_is_published_unsynced",
        "src/app/taking_publish.cpp",
        "    if (const int failed = sync_together(descriptors); failed != 0)\n",
        "    if (const int failed = 0; failed != 0)\n",
        1000,
    ),
    # An order that a power cut undoes.
    Mutant(
        "the_state_of_a_job_is_not_synced",
        "src/io/job_files.cpp",
        'write_file_atomically(\n        job_directory + "/" + std::string{state_file}',
        'replace_file(\n        job_directory + "/" + std::string{state_file}',
        3000,
    ),
]


def write(name: str, target: Path) -> None:
    mutant = next(each for each in MUTANTS if each.name == name)
    text = (ROOT / mutant.source).read_text()
    if text.count(mutant.old) != 1:
        sys.exit(f"mutants.py: {mutant.source} has changed: mend the mutant {name}")
    target.write_text(text.replace(mutant.old, mutant.new))


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        for each in MUTANTS:
            print(f"{each.name} {each.source} {each.seeds}")
    elif len(sys.argv) == 4 and sys.argv[1] == "--write":
        write(sys.argv[2], Path(sys.argv[3]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
