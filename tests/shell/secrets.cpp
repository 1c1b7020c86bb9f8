#include "reaper/io/secrets.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>

namespace reaper {
namespace {

using test::put_content;
using test::temp_dir;

const std::string key = "0A1B2C3D4E5F60718293A4B5C6D7E8";

class Secrets : public testing::Test
{
protected:
    secret_source file_with(std::string_view bytes, mode_t mode = 0440)
    {
        const std::string path = dir_ / "key";
        ::unlink(path.c_str());
        put_content(path, bytes);
        EXPECT_EQ(::chmod(path.c_str(), mode), 0);
        return {secret_source::from::file, path};
    }

    // The sentence of the fault, which must not hold the key.
    static std::string fault_of(
        const secret_source& source, const std::map<std::string, std::string>& environment = {}
    )
    {
        const auto loaded = load_secret(source, environment);
        EXPECT_FALSE(loaded);
        const std::string sentence = loaded ? "" : loaded.error().sentence;
        EXPECT_EQ(sentence.find("0A1B"), sentence.npos) << sentence;
        return sentence;
    }

    temp_dir dir_;
};

TEST_F(Secrets, AreTrimmedOfOneLineEnd)
{
    EXPECT_EQ(load_secret(file_with(key), {}).value(), key);
    EXPECT_EQ(load_secret(file_with(key + "\n"), {}).value(), key);
    EXPECT_EQ(load_secret(file_with(key + "\r\n"), {}).value(), key);
    EXPECT_NE(fault_of(file_with(key + "\n\n")).find("a line break"), std::string::npos);
}

TEST_F(Secrets, ComeFromAVariable)
{
    const secret_source source{secret_source::from::environment, "THE_KEY"};
    EXPECT_EQ(load_secret(source, {{"THE_KEY", key + "\n"}}).value(), key);
    EXPECT_EQ(fault_of(source), "the environment variable THE_KEY is not set");
    EXPECT_EQ(
        fault_of(source, {{"THE_KEY", ""}}),
        "the environment variable THE_KEY is empty; put the key into it"
    );
}

TEST_F(Secrets, ComeFromACredential)
{
    const secret_source source{secret_source::from::credential, "key"};
    file_with(key + "\n", 0444);  // its directory guards it
    EXPECT_EQ(load_secret(source, {{"CREDENTIALS_DIRECTORY", dir_.path()}}).value(), key);
    EXPECT_NE(fault_of(source).find("LoadCredential=key:"), std::string::npos);
    EXPECT_NE(
        fault_of(
            {secret_source::from::credential, "no"}, {{"CREDENTIALS_DIRECTORY", dir_.path()}}
        ).find("No such file"),
        std::string::npos
    );
}

TEST_F(Secrets, MustNotBeOpenToEverybody)
{
    for (const mode_t mode : {0444u, 0644u, 0442u, 0777u}) {
        const std::string sentence = fault_of(file_with(key, mode));
        EXPECT_NE(sentence.find("chmod 0440"), sentence.npos) << sentence;
        EXPECT_NE(sentence.find("defaultMode: 0440"), sentence.npos) << sentence;
    }
    for (const mode_t mode : {0400u, 0440u, 0600u, 0640u})
        EXPECT_TRUE(load_secret(file_with(key, mode), {}));
}

TEST_F(Secrets, HoldVisibleAsciiOnly)
{
    for (const std::string& bad :
         {key + " ",
          " " + key,
          key + "\t",
          key + "\n" + key,
          key + "\x7f",
          key + "\xC3\xA9",
          key + std::string(1, '\0'),
          "\xEF\xBB\xBF" + key,
          key + "\r"}) {
        EXPECT_NE(fault_of(file_with(bad)).find("nothing else"), std::string::npos);
    }
    EXPECT_TRUE(load_secret(file_with("!~/+=:"), {}));
}

TEST_F(Secrets, AreNeitherEmptyNorHuge)
{
    EXPECT_EQ(fault_of(file_with("")), (dir_ / "key") + " is empty; put the key into it");
    EXPECT_EQ(fault_of(file_with("\n")), (dir_ / "key") + " is empty; put the key into it");
    EXPECT_TRUE(load_secret(file_with(std::string(4096, 'k')), {}));
    EXPECT_NE(
        fault_of(file_with(std::string(4097, 'k'))).find("longer than 4 KiB"), std::string::npos
    );
    EXPECT_NE(fault_of(file_with(std::string(1 << 20, 'k'))).find("longer"), std::string::npos);
}

TEST_F(Secrets, LieInRegularFiles)
{
    EXPECT_NE(
        fault_of({secret_source::from::file, dir_.path()}).find("not a regular file"),
        std::string::npos
    );
    const std::string fifo = dir_ / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_NE(
        fault_of({secret_source::from::file, fifo}).find("not a regular file"), std::string::npos
    );
    EXPECT_EQ(
        fault_of({secret_source::from::file, dir_ / "none"}),
        "cannot open " + (dir_ / "none") + ": No such file or directory; put the key into it"
    );
}

TEST_F(Secrets, OfAnAccountAreFitForUrlAndHeader)
{
    account_settings account;
    account.name = "prod";
    account.api_key = {secret_source::from::environment, "A"};
    account.rest_api_key = {secret_source::from::environment, "B"};

    const auto loaded = load_account_secrets(account, {{"A", "a.b_c-9\n"}, {"B", "x/+="}});
    EXPECT_EQ(loaded.value(), (account_secrets{"a.b_c-9", "x/+="}));

    for (const char* bad : {"a/b", "a%41", "a?b", "..", ".", "a+b", "a~b"}) {
        const auto refused = load_account_secrets(account, {{"A", bad}, {"B", "x"}});
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(
            refused.error().sentence,
            "account \"prod\": api_key: the environment variable A holds a byte that cannot stand "
            "in "
            "a URL; it must hold the API key and nothing else"
        );
    }
    EXPECT_EQ(
        load_account_secrets(account, {{"A", "a"}}).error().sentence,
        "account \"prod\": rest_api_key: the environment variable B is not set"
    );
}

TEST_F(Secrets, AStampChangesWithTheFile)
{
    const std::string path = dir_ / "key";
    EXPECT_EQ(stamp_of(path), file_stamp{});
    put_content(path, "one");
    const file_stamp first = stamp_of(path);
    EXPECT_NE(first, file_stamp{});
    EXPECT_EQ(stamp_of(path), first);

    // Same size and same modification time, replaced by a rename: another inode.
    put_content(path + ".new", "two");
    std::filesystem::last_write_time(path + ".new", std::filesystem::last_write_time(path));
    std::filesystem::rename(path + ".new", path);
    EXPECT_NE(stamp_of(path), first);

    // A link that is moved, as in Kubernetes.
    put_content(dir_ / "other", "two");
    std::filesystem::create_symlink(path, dir_ / "link");
    const file_stamp before = stamp_of(dir_ / "link");
    std::filesystem::create_symlink(dir_ / "other", dir_ / "link.new");
    std::filesystem::rename(dir_ / "link.new", dir_ / "link");
    EXPECT_NE(stamp_of(dir_ / "link"), before);
}

TEST_F(Secrets, TheStampsOfAnAccountCoverItsFiles)
{
    account_settings account;
    account.api_key = {secret_source::from::file, dir_ / "a"};
    account.rest_api_key = {secret_source::from::environment, "B"};
    account.ca_file = dir_ / "ca";
    const auto none = stamps_of(account);
    EXPECT_EQ(none.size(), 2u);
    put_content(dir_ / "ca", "x");
    const auto with_ca = stamps_of(account);
    EXPECT_NE(with_ca, none);
    put_content(dir_ / "a", "x");
    EXPECT_NE(stamps_of(account), with_ca);
}

}  // namespace
}  // namespace reaper
