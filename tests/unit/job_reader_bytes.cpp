// What every format has in common: the bytes must be text, however they are cut, and the memory for
// them is bounded.

#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

std::size_t live_bytes = 0;
std::size_t most_bytes = 0;

}  // namespace

// All memory of this program is counted, so that a test can state how much a reader needs at most.
void* operator new(std::size_t size)
{
    void* const memory = std::malloc(size);
    if (memory == nullptr)
        throw std::bad_alloc();
    live_bytes += malloc_usable_size(memory);
    most_bytes = std::max(most_bytes, live_bytes);
    return memory;
}

void operator delete(void* memory) noexcept
{
    if (memory != nullptr)
        live_bytes -= malloc_usable_size(memory);
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    operator delete(memory);
}

namespace reaper::test {
namespace {

using namespace std::string_literals;

constexpr job_format all_formats[] = {
    job_format::text, job_format::csv, job_format::json, job_format::jsonl};

const std::string a = hex_token(0xa);

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

TEST(JobReaderBytes, TakesUtf8InCommentsAndOtherColumns)
{
    const token_rule rule = automatic_rule();
    const std::string word =
        "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\xC2\x80";
    for (std::size_t chunk = 1; chunk < 20; ++chunk) {
        EXPECT_EQ(read_file(job_format::text, "# " + word + "\n" + a, &rule, chunk).lines(), "2");
        EXPECT_EQ(
            read_file(job_format::csv, "token," + word + "\n" + a + "," + word, &rule, chunk)
                .lines(),
            "2"
        );
        EXPECT_EQ(
            read_file(job_format::json, "[\"" + word + "\",\"" + a + "\"]", &rule, chunk).lines(),
            "1! 2"
        );
    }
}

TEST(JobReaderBytes, AnythingButUtf8RejectsWithItsLine)
{
    const token_rule rule = automatic_rule();
    for (const std::string bad :
         {"\x80",
          "\xBF",
          "\xC0\x80",
          "\xC1\xBF",
          "\xC3(",
          "\xE0\x9F\xBF",
          "\xE2\x82",
          "\xE2(\xA1",
          "\xED\xA0\x80",
          "\xF0\x8F\xBF\xBF",
          "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80",
          "\xFF",
          "\xFE",
          "caf\xE9"}) {
        for (std::size_t chunk = 0; chunk < 6; ++chunk) {
            const reading r =
                read_file(job_format::text, a + "\n# " + bad + "\n" + a + "\n", &rule, chunk);
            EXPECT_TRUE(contains(r.failure, "line 2: this is not a text file in UTF-8"))
                << r.failure;
            EXPECT_EQ(r.failure_line, 2u);
            EXPECT_EQ(r.lines(), "1");
            EXPECT_FALSE(r.at_end);
        }
    }
}

TEST(JobReaderBytes, FileThatEndsWithinACharacterRejects)
{
    const token_rule rule = automatic_rule();
    for (const std::string tail : {"\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xEF", "\xEF\xBB"}) {
        EXPECT_TRUE(contains(
            read_file(job_format::text, a + "\n# " + tail, &rule).failure,
            "line 2: the file ends within"
        ));
        EXPECT_TRUE(contains(
            read_file(job_format::text, tail, &rule).failure, "line 1: the file ends within"
        ));
    }
}

TEST(JobReaderBytes, NulByteRejects)
{
    const token_rule rule = automatic_rule();
    for (const auto format : all_formats) {
        for (std::size_t chunk = 0; chunk < 12; ++chunk) {
            const reading r = read_file(format, "\n\n     \0    "s, &rule, chunk);
            EXPECT_TRUE(contains(r.failure, "line 3: this is not a text file")) << r.failure;
        }
    }
}

TEST(JobReaderBytes, ImageOrArchiveGetsAClearSentence)
{
    const token_rule rule = automatic_rule();
    for (const auto format : all_formats) {
        for (const std::string& bytes :
             {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s, "\xFF\xD8\xFF\xE0\0\x10JFIF"s}) {
            const reading r = read_file(format, bytes, &rule);
            EXPECT_TRUE(contains(r.failure, "this is not a text file")) << r.failure;
            EXPECT_TRUE(r.items.empty());
        }
        // In .json the first letter is wrong before the first byte that is no text.
        if (format == job_format::json)
            continue;
        for (const std::string& bytes :
             {"PK\x03\x04\x14\0\0\0"s, "\x1f\x8b\x08\0"s, "GIF89a\x01\0\x01\0"s})
            EXPECT_TRUE(contains(read_file(format, bytes, &rule).failure, "this is not a text file")
            );
    }
}

TEST(JobReaderBytes, Utf16GetsAClearSentence)
{
    const token_rule rule = automatic_rule();
    EXPECT_TRUE(contains(
        read_file(
            job_format::text,
            "\xFF\xFE"
            "a\0b\0"s,
            &rule
        )
            .failure,
        "UTF-16"
    ));
    EXPECT_TRUE(contains(read_file(job_format::csv, "\xFE\xFF\0a\0b"s, &rule).failure, "UTF-16"));
    EXPECT_TRUE(contains(read_file(job_format::text, "a\0b\0\n\0"s, &rule).failure, "UTF-16"));
}

TEST(JobReaderBytes, ByteOrderMarkIsTakenAtTheVeryStartOnly)
{
    const token_rule rule = automatic_rule();
    const std::string mark = "\xEF\xBB\xBF";
    for (std::size_t chunk = 0; chunk < 5; ++chunk) {
        EXPECT_EQ(read_file(job_format::text, mark + a + "\n", &rule, chunk).lines(), "1");
        EXPECT_EQ(
            read_file(job_format::csv, mark + "token\n" + a + "\n", &rule, chunk).lines(), "2"
        );
        EXPECT_EQ(read_file(job_format::json, mark + "[\"" + a + "\"]", &rule, chunk).lines(), "1");
        EXPECT_EQ(
            read_file(job_format::jsonl, mark + "\"" + a + "\"\n", &rule, chunk).lines(), "1"
        );
        EXPECT_EQ(read_file(job_format::text, mark + mark + a + "\n", &rule, chunk).lines(), "1!");
        EXPECT_EQ(
            read_file(job_format::text, a + "\n" + mark + a + "\n", &rule, chunk).lines(), "1 2!"
        );
        // Characters that only begin like a mark.
        EXPECT_EQ(read_file(job_format::text, "\xEF\xBB\xB0\n" + a, &rule, chunk).lines(), "1! 2");
        EXPECT_EQ(read_file(job_format::text, "\xEF\xBC\x91\n" + a, &rule, chunk).lines(), "1! 2");
    }
}

TEST(JobReaderBytes, NothingComesAfterAFailure)
{
    const token_rule rule = automatic_rule();
    job_reader reader(job_format::text, &rule);
    const std::string bad = a + "\n\xFF\n" + a + "\n";
    reader.feed(bad);
    EXPECT_TRUE(reader.next());
    EXPECT_FALSE(reader.next());
    ASSERT_TRUE(reader.failure());
    const std::string good = a + "\n";
    reader.feed(good);
    EXPECT_FALSE(reader.next());
    reader.finish();
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.items(), 1u);
    EXPECT_FALSE(reader.at_end());
}

TEST(JobReaderBytes, EndIsKnownOnlyAfterTheLastItem)
{
    const token_rule rule = automatic_rule();
    job_reader reader(job_format::text, &rule);
    reader.feed(a);
    EXPECT_FALSE(reader.next());
    reader.finish();
    EXPECT_FALSE(reader.at_end());
    EXPECT_TRUE(reader.next());
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.at_end());
}

// SPEC P7. Each is a file of 4 MiB that never comes to an end of what it began with.
TEST(JobReaderBytes, MemoryDoesNotGrowWithALine)
{
    struct endless
    {
        job_format format;
        std::string begin;
        std::string again;
    };

    const token_rule rule = any_rule();
    for (const endless& e : {
             endless{job_format::text, "", "a"},
             endless{job_format::text, "", " "},
             endless{job_format::text, "# ", "#"},
             endless{job_format::text, "---\n", "#\n"},
             endless{job_format::csv, "", "a"},
             endless{job_format::csv, "token\n", "a"},
             endless{job_format::csv, "token,x\na,", "a"},
             endless{job_format::csv, "token,x\na,", ","},
             endless{job_format::csv, "token,x\na,\"", "\n"},
             endless{job_format::csv, "token,x\n\"", "\"\""},
             endless{job_format::json, "[\"", "a"},
             endless{job_format::json, "[", "1"},
             endless{job_format::json, "[", " "},
             endless{job_format::json, "[{\"", "a"},
             endless{job_format::json, "[{\"x\":\"", "a"},
             endless{job_format::json, "[{\"token\":\"", "a"},
             endless{job_format::json, "{\"", "a"},
             endless{job_format::json, "{\"label\":\"", "a"},
             endless{job_format::json, "", "["},
             endless{job_format::jsonl, "\"", "a"},
             endless{job_format::jsonl, "", "\"a\"\n"},
             endless{job_format::jsonl, "", "{}\n"},
         }) {
        std::string chunk;
        while (chunk.size() < 64 * 1024)
            chunk += e.again;
        const std::size_t before = live_bytes;
        most_bytes = live_bytes;
        job_reader reader(e.format, &rule);
        reader.feed(e.begin);
        while (reader.next()) {
        }
        for (int repeat = 0; repeat < 64; ++repeat) {
            reader.feed(chunk);
            while (reader.next()) {
            }
        }
        reader.finish();
        while (reader.next()) {
        }
        EXPECT_LT(most_bytes - before, 512u * 1024u) << e.begin << e.again;
    }
}

}  // namespace
}  // namespace reaper::test
