package io.github.flinkrnn.network;

import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A model of payments for comparisons: two embeddings and three numbers, then a GRU of 64. It also
 * makes x&lt;t&gt; as a hand-written operator does.
 */
public final class PaymentModel implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The number of merchants. */
  public static final int MERCHANTS = 1000;

  private static final int MERCHANT_WIDTH = 16;
  private static final int COUNTRIES = 60;
  private static final int COUNTRY_WIDTH = 8;
  private static final int NUMBERS = 3;
  private static final String[] NAMES = {"merchant", "country", "amount", "balance", "hour"};

  /** The network above x&lt;t&gt;. */
  public static final NetworkSize SIZE =
      new NetworkSize("gru", 64, MERCHANT_WIDTH + COUNTRY_WIDTH + NUMBERS, 1);

  /** A plain network with a feature for each field. */
  public static final NetworkSize PLAIN = new NetworkSize("gru", 64, NAMES.length, 1);

  private final float[] merchants;
  private final float[] countries;
  private final Map<String, Integer> merchantIds = ids("merchant-", MERCHANTS);
  private final Map<String, Integer> countryIds = ids("c", COUNTRIES);

  public PaymentModel(long seed) {
    Random random = new Random(seed);
    merchants = drawn(random, MERCHANTS * MERCHANT_WIDTH);
    countries = drawn(random, COUNTRIES * COUNTRY_WIDTH);
  }

  private static float[] drawn(Random random, int n) {
    float[] numbers = new float[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private static Map<String, Integer> ids(String prefix, int n) {
    Map<String, Integer> ids = new HashMap<>();
    for (int i = 0; i < n; i++) {
      ids.put(prefix + i, i);
    }
    return ids;
  }

  /** Writes the model directory for flink-rnn. */
  public Path writeModel(Path directory, SeededNetwork network) throws IOException {
    network
        .safetensors()
        .f32("merchant.weight", new int[] {MERCHANTS, MERCHANT_WIDTH}, merchants)
        .f32("country.weight", new int[] {COUNTRIES, COUNTRY_WIDTH}, countries)
        .write(directory.resolve("model.safetensors"));
    Files.write(directory.resolve("merchants.txt"), words("merchant-", MERCHANTS));
    Files.write(directory.resolve("countries.txt"), words("c", COUNTRIES));
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"input": {"fields": [
          {"name": "merchant", "type": "category", "vocabulary": "merchants.txt",
           "embedding": "merchant.weight"},
          {"name": "country", "type": "category", "vocabulary": "countries.txt",
           "embedding": "country.weight"},
          {"name": "amount", "scale": {"log1p": true, "mean": 3, "std": 1.5}},
          {"name": "balance", "scale": {"mean": 2000, "std": 900}},
          {"name": "hour", "scale": {"min": 0, "max": 23}}]}}
        """);
    return directory;
  }

  private static List<String> words(String prefix, int n) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      words.add(prefix + i);
    }
    return words;
  }

  /** The values of a payment to each of these merchants. */
  public static FieldValues[] payments(int[] merchants, long seed) {
    Random random = new Random(seed);
    FieldValues[] payments = new FieldValues[merchants.length];
    for (int i = 0; i < payments.length; i++) {
      payments[i] =
          new FieldValues(
              NAMES,
              new Object[] {
                "merchant-" + merchants[i],
                "c" + random.nextInt(COUNTRIES),
                random.nextInt(100_000) / 100.0,
                (long) random.nextInt(4000),
                (long) random.nextInt(24)
              });
    }
    return payments;
  }

  /** Makes x&lt;t&gt; of a payment, as a hand-written operator does. */
  float[] x(Token token) {
    FieldValues values = token.values();
    float[] x = new float[SIZE.input()];
    int merchant = merchantIds.get((String) values.get("merchant"));
    System.arraycopy(merchants, merchant * MERCHANT_WIDTH, x, 0, MERCHANT_WIDTH);
    int country = countryIds.get((String) values.get("country"));
    System.arraycopy(countries, country * COUNTRY_WIDTH, x, MERCHANT_WIDTH, COUNTRY_WIDTH);
    int at = MERCHANT_WIDTH + COUNTRY_WIDTH;
    x[at] = (float) ((Math.log1p(((Number) values.get("amount")).doubleValue()) - 3) / 1.5);
    x[at + 1] = (float) ((((Number) values.get("balance")).doubleValue() - 2000) / 900);
    x[at + 2] = (float) (((Number) values.get("hour")).doubleValue() / 23);
    return x;
  }
}
