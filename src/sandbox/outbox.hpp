#pragma once
// The answers that a connection owes, in the order of their requests: their bytes, when they are
// due (latency), and what becomes of the connection after each. Pure: the time is an argument.

#include "sandbox/ledger.hpp"
#include "sandbox/responder.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox {

// An answer that went out, or an event that has come: what to record, and what to do.
struct settled_answer
{
    std::optional<ledger_entry> entry;
    aftermath then = aftermath::serve;
};

class outbox
{
public:
    // Where the next answer's bytes are to be appended, before add() is called.
    [[nodiscard]] std::string& bytes() { return bytes_; }

    // The bytes appended since the last add() are one answer, due at `due` but not before the ones
    // ahead of it. An entry that has nothing to wait for should not be handed in. `slow` spreads
    // the bytes: one every 2 ms.
    void add(std::optional<ledger_entry> entry, aftermath then, bool slow, mono_time due);

    // What may be written now. Answers behind one that changes the connection have to wait for it.
    [[nodiscard]] std::string_view writable(mono_time now);

    // The first `count` bytes of writable() were written by a call that began at `at`.
    void wrote(std::size_t count, mono_time at);

    // Answers that are wholly out, one by one; nullopt when there is none.
    [[nodiscard]] std::optional<settled_answer> take_settled(mono_time now);

    // When to look again; nullopt if nothing is owed, or what is owed waits to be written.
    [[nodiscard]] std::optional<mono_time> next_due() const;

    // The entries of answers that will never go out; the outbox is empty afterwards.
    [[nodiscard]] std::deque<ledger_entry> abandon();

    [[nodiscard]] bool is_empty() const { return owed_.empty(); }

    [[nodiscard]] std::size_t size_bytes() const { return bytes_.size() - written_; }

private:
    struct owed_answer
    {
        std::uint64_t end;  // of its bytes, counted from the connection's first byte
        mono_time due;
        aftermath then;
        bool alone;  // nothing behind it may go out in the same write
        std::optional<ledger_entry> entry;
    };

    std::string bytes_;
    std::size_t written_ = 0;    // of bytes_
    std::uint64_t base_ = 0;     // position of bytes_[0] in the stream
    std::uint64_t ends_at_ = 0;  // end of the last answer
    std::size_t released_ = 0;   // answers at the front that may be written
    mono_time answered_at_{};    // of the last write
    std::deque<owed_answer> owed_;
};

}  // namespace sandbox
