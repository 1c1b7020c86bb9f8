#include "reaper/io/keyed_hash.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace reaper {
namespace {

TEST(KeyedHash, IsTheFrontOfHmacSha256)
{
    // RFC 4231, test cases 1, 2 and 6.
    EXPECT_EQ(keyed_hash(std::string(20, '\x0b'), "Hi There"), "b0344c61d8db3853");
    EXPECT_EQ(keyed_hash("Jefe", "what do ya want for nothing?"), "5bdcc146bf60754e");
    EXPECT_EQ(
        keyed_hash(
            std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"
        ),
        "60e431591ee0b67f"
    );
}

TEST(KeyedHash, DependsOnSaltAndText)
{
    const std::string salt(32, 's');
    EXPECT_EQ(keyed_hash(salt, "a"), keyed_hash(salt, "a"));
    EXPECT_NE(keyed_hash(salt, "a"), keyed_hash(salt, "b"));
    EXPECT_NE(keyed_hash(salt, "a"), keyed_hash(std::string(32, 't'), "a"));
}

TEST(Sha256, IsThatOfTheStandard)
{
    // FIPS 180-2, appendix B, and the empty text.
    sha256_stream hash;
    EXPECT_EQ(hash.hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash.update("abc");
    EXPECT_EQ(hash.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, IsTheSameHoweverTheBytesArrive)
{
    sha256_stream pieces;
    for (int i = 0; i < 1000; ++i) {
        pieces.update("0123456789");
        pieces.update("");
        static_cast<void>(pieces.hex());  // asking spends nothing
    }
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += "0123456789";
    sha256_stream whole;
    whole.update(text);
    const sha256_stream moved = std::move(whole);
    EXPECT_EQ(pieces.hex(), moved.hex());
}

}  // namespace
}  // namespace reaper
