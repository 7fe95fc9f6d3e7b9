package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.record.FileRecords;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.RecordBatch;

/**
 * The losses that the job's log says. The log names transactions, each with its producer and epoch,
 * and the broker's files have these with each batch of records. So a missing prediction was said to
 * be lost if its record is in a batch of a transaction that the log names.
 */
final class SaidLosses {
  /** The line of {@code ReportingCommitter}, and a transaction in it. */
  private static final Pattern LINE = Pattern.compile("Records for topic (\\S+) .* lost, because ");

  private static final Pattern TRANSACTION = Pattern.compile("\\(producer (\\d+), epoch (\\d+): ");

  /** A transaction, as the broker's files have it. */
  private record Transaction(String topic, long producer, short epoch) {}

  private final Path logs;
  private final Path broker;
  private final Set<Transaction> explained = new HashSet<>();

  /**
   * @param logs of the processes
   * @param broker the broker's directory with a directory for each partition
   */
  SaidLosses(Path logs, Path broker) {
    this.logs = logs;
    this.broker = broker;
  }

  /**
   * Excuses the predictions that are missing and said to be lost.
   *
   * @return how many transactions were said to be lost although no prediction of them is missing
   */
  long excuse(Ledger ledger) throws IOException {
    Set<Transaction> said = said();
    said.removeAll(explained);
    Map<Transaction, Boolean> missing = new HashMap<>();
    for (Transaction transaction : said) {
      missing.put(transaction, false);
    }
    for (Path file : said.isEmpty() ? List.<Path>of() : files(Topics.PREDICTIONS)) {
      excuse(file, ledger, missing);
    }
    missing.forEach(
        (transaction, isMissing) -> {
          if (isMissing) {
            explained.add(transaction);
          }
        });
    return missing.values().stream().filter(isMissing -> !isMissing).count();
  }

  private static void excuse(Path file, Ledger ledger, Map<Transaction, Boolean> missing)
      throws IOException {
    FileRecords records = FileRecords.open(file.toFile(), false);
    try {
      for (RecordBatch batch : records.batches()) {
        Transaction transaction =
            new Transaction(Topics.PREDICTIONS, batch.producerId(), batch.producerEpoch());
        if (batch.isControlBatch() || !missing.containsKey(transaction)) {
          continue;
        }
        for (Record record : batch) {
          String key = UTF_8.decode(record.key()).toString();
          if (ledger.excuse(key, bytes(record.value()))) {
            missing.put(transaction, true);
          }
        }
      }
    } finally {
      records.closeHandlers(); // close() would cut the file
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private Set<Transaction> said() throws IOException {
    Set<Transaction> said = new HashSet<>();
    try (Stream<Path> files = Files.list(logs)) {
      for (Path log :
          files.filter(file -> file.getFileName().toString().startsWith("task")).toList()) {
        try (Stream<String> lines = Files.lines(log)) {
          lines.forEach(
              line -> {
                Matcher topic = LINE.matcher(line);
                if (topic.find()) {
                  Matcher transaction = TRANSACTION.matcher(line);
                  while (transaction.find()) {
                    said.add(
                        new Transaction(
                            topic.group(1),
                            Long.parseLong(transaction.group(1)),
                            Short.parseShort(transaction.group(2))));
                  }
                }
              });
        }
      }
    }
    return said;
  }

  private List<Path> files(String topic) throws IOException {
    try (Stream<Path> files = Files.walk(broker, 2)) {
      return files
          .filter(file -> file.getParent().getFileName().toString().matches(topic + "-\\d+"))
          .filter(file -> file.getFileName().toString().endsWith(".log"))
          .toList();
    }
  }
}
