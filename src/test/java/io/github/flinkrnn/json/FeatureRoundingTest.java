package io.github.flinkrnn.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A feature is rounded to the nearest double, and then to the nearest float32. This is how Python's
 * json module and the frameworks read the numbers that a model was trained on. The fast parser for
 * doubles is compared with Java's own.
 */
class FeatureRoundingTest {
  private static final int NUMBERS = 20_000;
  private static final BigDecimal TINY = new BigDecimal(BigInteger.ONE, 200);

  private static float[] decode(List<String> numbers) throws Rejection {
    String json = "{\"key\":\"a\",\"features\":" + numbers + "}";
    Reads features = Reads.FEATURES;
    return new TokenDecoder(TokenFields.TOP_LEVEL, features, Integer.MAX_VALUE)
        .decode(SourceRecords.of(json))
        .features();
  }

  private static void assertRead(List<String> numbers) throws Rejection {
    float[] read = decode(numbers);
    for (int i = 0; i < read.length; i++) {
      assertThat(Float.floatToRawIntBits(read[i]))
          .as(numbers.get(i))
          .isEqualTo(Float.floatToRawIntBits((float) Double.parseDouble(numbers.get(i))));
    }
  }

  /** These numbers are also read as the nearest float32. */
  private static void assertReadAsFloat(List<String> numbers) throws Rejection {
    assertRead(numbers);
    float[] read = decode(numbers);
    for (int i = 0; i < read.length; i++) {
      assertThat(Float.floatToRawIntBits(read[i]))
          .as(numbers.get(i))
          .isEqualTo(Float.floatToRawIntBits(Float.parseFloat(numbers.get(i))));
    }
  }

  @Test
  void decimalsOfAnyLength() throws Rejection {
    Random random = new Random(31);
    assertReadAsFloat(Stream.generate(() -> decimal(random)).limit(NUMBERS).toList());
  }

  private static String decimal(Random random) {
    String digits =
        random
            .ints(1 + random.nextInt(40), 0, 10)
            .mapToObj(String::valueOf)
            .collect(Collectors.joining());
    String whole = random.nextBoolean() ? "0" : (1 + random.nextInt(9)) + digits;
    String sign = random.nextBoolean() ? "-" : "";
    return switch (random.nextInt(3)) {
      case 0 -> (whole.equals("0") ? "" : sign) + whole.substring(0, Math.min(whole.length(), 38));
      case 1 -> sign + "0." + digits;
      default -> sign + (1 + random.nextInt(9)) + "." + digits + "e" + (random.nextInt(85) - 48);
    };
  }

  @Test
  void whatJavaAndPythonWriteOfAFloat() throws Rejection {
    Random random = new Random(37);
    List<Float> floats = Stream.generate(() -> finite(random)).limit(NUMBERS).toList();
    assertReadAsFloat(floats.stream().map(String::valueOf).toList());
    assertReadAsFloat(floats.stream().map(number -> Double.toString(number)).toList());
  }

  /** Exactly between two float32 values: a tie. Both ways of rounding go to the even one. */
  @Test
  void halfwayBetweenTwoFloats() throws Rejection {
    Random random = new Random(41);
    assertReadAsFloat(
        Stream.generate(() -> halfway(finite(random)).toString()).limit(NUMBERS).toList());
  }

  /** Exactly between two doubles, and slightly below and above. */
  @Test
  void halfwayBetweenTwoDoubles() throws Rejection {
    Random random = new Random(43);
    assertRead(
        Stream.generate(() -> (double) finite(random) * (1 + random.nextDouble() / 4))
            .filter(number -> Float.isFinite(number.floatValue()))
            .limit(NUMBERS / 10)
            .map(number -> new BigDecimal(number).add(new BigDecimal(Math.nextUp(number))))
            .map(sum -> sum.divide(BigDecimal.valueOf(2)))
            .flatMap(half -> Stream.of(half, half.add(TINY), half.subtract(TINY)))
            .map(BigDecimal::toString)
            .toList());
  }

  /**
   * Slightly beside a tie of float32. As a double it becomes that tie, so the two ways of rounding
   * differ.
   */
  @Test
  void besideATieOfTwoFloats() throws Rejection {
    Random random = new Random(47);
    assertRead(
        Stream.generate(() -> halfway(finite(random)))
            .limit(NUMBERS / 10)
            .flatMap(half -> Stream.of(half.add(TINY), half.subtract(TINY)))
            .map(BigDecimal::toString)
            .toList());
  }

  @ParameterizedTest
  @CsvSource({
    "1.00000005960464477539062500000000000000000001, 1.0, 1.0000001",
    "1.00000017881393432617187499999999999999999999, 1.0000002, 1.0000001"
  })
  void roundsTwiceAsTheFrameworksDo(String number, float read, float nearest) throws Rejection {
    assertThat(decode(List.of(number))).containsExactly(read);
    assertThat(Float.parseFloat(number)).isEqualTo(nearest);
  }

  /** An integer has only one zero, also in Python. */
  @ParameterizedTest
  @CsvSource({"-0, 0.0", "-0.0, -0.0", "-0e5, -0.0", "-1e-60, -0.0"})
  void keepsTheSignOfADecimalZero(String number, float read) throws Rejection {
    assertThat(Float.floatToRawIntBits(decode(List.of(number))[0]))
        .isEqualTo(Float.floatToRawIntBits(read));
  }

  private static BigDecimal halfway(float number) {
    // Exact, because a double has 29 bits more.
    return new BigDecimal(((double) number + Math.nextUp(number)) / 2);
  }

  private static float finite(Random random) {
    float number;
    do {
      number = Float.intBitsToFloat(random.nextInt());
    } while (!Float.isFinite(Math.nextUp(number)) || !Float.isFinite(number));
    return number;
  }
}
