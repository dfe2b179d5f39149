//===- PrintableTest.cpp - Text that a terminal shows as it is ------------===//

#include "lambent-c/runtime.h"
#include "lambent/Runtime/Status.h"
#include <gtest/gtest.h>
#include <string>

using namespace lambent::runtime;

static std::string show(const std::string &text) {
  std::string result(lambent_printable(text.data(), text.size(), nullptr, 0),
                     '\0');
  EXPECT_EQ(lambent_printable(text.data(), text.size(), result.data(),
                              result.size() + 1),
            result.size());
  return result;
}

static std::string takeMessage(LambentStatus *status) {
  std::string message = lambent_status_message(status);
  lambent_status_destroy(status);
  return message;
}

TEST(Printable, leavesWhatIsShown) {
  for (const char *text : {"", "conv1/BiasAdd:0", "a\\b 'c' \"d\"", "Größe",
                           "层.权重", "\U0001F600"})
    EXPECT_EQ(show(text), text);
}

TEST(Printable, takesNullPointers) {
  char text[4] = "xyz";
  EXPECT_EQ(lambent_printable(nullptr, 3, text, sizeof(text)), 0u);
  EXPECT_STREQ(text, "");
  EXPECT_EQ(lambent_printable("a\n", 2, nullptr, 10), 3u);
}

TEST(Printable, escapesWhatMovesOrHides) {
  EXPECT_EQ(show("a\nb\r\tc"), "a\\nb\\r\\tc");
  EXPECT_EQ(show("\x1b[2J\x07\x7f"), "\\x1b[2J\\x07\\x7f");
  EXPECT_EQ(show(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(show("\u009b31m"), "\\u009b31m"); // the one-byte CSI
  EXPECT_EQ(show("\u202e\u2066\u200b\ufeff"), "\\u202e\\u2066\\u200b\\ufeff");
  EXPECT_EQ(show("\u2028"), "\\u2028");         // ends a line
  EXPECT_EQ(show("\U000e0041"), "\\U000e0041"); // a tag
}

TEST(Printable, escapesBytesThatAreNoUtf8) {
  EXPECT_EQ(show("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(show("a\xc3"), "a\\xc3");                 // cut off
  EXPECT_EQ(show("\xc0\x8a"), "\\xc0\\x8a");          // overlong
  EXPECT_EQ(show("\xed\xa0\x80"), "\\xed\\xa0\\x80"); // a surrogate
  EXPECT_EQ(show("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

TEST(Printable, writesNoMoreThanItMay) {
  char buffer[4] = {'#', '#', '#', '#'};
  EXPECT_EQ(lambent_printable("a\nb", 3, buffer, 3), 4u);
  EXPECT_STREQ(buffer, "a\\");
  EXPECT_EQ(buffer[3], '#');
  EXPECT_EQ(lambent_printable("abc", 3, buffer, 0), 3u);
  EXPECT_EQ(buffer[0], 'a');
}

TEST(Printable, statusesAreOneLine) {
  EXPECT_EQ(takeMessage(makeError("no '%s'", "a\nlambent: error: fake\x1b[0m")),
            "no 'a\\nlambent: error: fake\\x1b[0m'");
  EXPECT_EQ(takeMessage(makeUnsupported("%d\n", 3)), "3\\n");
}

TEST(Printable, linesAreKept) {
  LambentStatus *status =
      makeLines(LAMBENT_STATUS_UNSUPPORTED, "a\x07\nb\n\nc");
  EXPECT_EQ(lambent_status_code(status), LAMBENT_STATUS_UNSUPPORTED);
  EXPECT_EQ(takeMessage(status), "a\\x07\nb\n\nc");
  EXPECT_EQ(takeMessage(makeLines(LAMBENT_STATUS_ERROR, "")), "");
}
