package io.github.flinkrnn.cli;

import io.github.flinkrnn.cli.SqlScript.Statement;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.sql.Rnn;
import io.github.flinkrnn.sql.RnnSteps;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.ResultKind;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.api.internal.TableEnvironmentImpl;
import org.apache.flink.table.operations.ModifyOperation;
import org.apache.flink.table.operations.Operation;
import org.apache.flink.table.operations.QueryOperation;
import org.apache.flink.table.operations.StatementSetOperation;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code sql FILE}: runs the statements of a file one after the other, on a Flink in this process,
 * with the functions {@code RNN} and {@code RNN_STEPS}. The rows of a query are printed as JSON.
 */
final class SqlCommand {
  private static final Logger LOG = LoggerFactory.getLogger(SqlCommand.class);
  private static final long MOST_BYTES = 1 << 20;
  private static final String QUOTED = "'((?:[^']|'')*)'";
  private static final Pattern SET =
      Pattern.compile("(?is)\\s*SET\\s*" + QUOTED + "\\s*=\\s*" + QUOTED + "\\s*");

  private final String file;
  private final PrintStream out;
  private StreamTableEnvironment sql; // null until the first statement that is not SET
  private final Configuration settings = new Configuration();

  /**
   * @param out receives the rows
   */
  SqlCommand(String file, PrintStream out) {
    this.file = file;
    this.out = out;
  }

  /**
   * Runs the file to its end. A query, or an INSERT, of an unbounded table does not end.
   *
   * @throws UsageException for a file or a statement that cannot be run
   * @throws FailedJobException if a statement fails while it runs
   */
  void run() throws FailedJobException, InterruptedException {
    for (Statement statement : SqlScript.statements(read())) {
      run(statement);
    }
  }

  private String read() {
    Path path = Path.of(file);
    try {
      if (!Files.isRegularFile(path) || Files.size(path) > MOST_BYTES) {
        throw new UsageException(file + ": expected a file of SQL statements, at most 1 MiB");
      }
      return Files.readString(path);
    } catch (CharacterCodingException e) {
      throw new UsageException(file + ": expected UTF-8");
    } catch (IOException e) {
      throw new UsageException(file + ": cannot be read: " + e.getMessage());
    }
  }

  /** Runs one statement of the file. */
  void run(Statement statement) throws FailedJobException, InterruptedException {
    boolean isPlanned = false;
    try {
      if (statement.isSet()) {
        set(statement);
        return;
      }
      if (sql == null) {
        open();
      }
      TableEnvironmentImpl planning = (TableEnvironmentImpl) sql;
      List<Operation> operations = planning.getParser().parse(statement.text());
      OverCheck.check(planning.getPlanner(), operations);
      Operation operation = operations.get(0);
      boolean isWriting =
          operation instanceof ModifyOperation || operation instanceof StatementSetOperation;
      TableResult result = sql.executeSql(statement.text());
      isPlanned = true;
      if (isWriting) {
        result.await();
      } else if (result.getResultKind() == ResultKind.SUCCESS_WITH_CONTENT) {
        print(result, operation instanceof QueryOperation);
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      LOG.error("{}:{}", file, statement.line(), e);
      String problem = SqlProblem.of(file, statement, e);
      if (isPlanned) {
        throw new FailedJobException(problem);
      }
      throw new UsageException(problem);
    }
  }

  private void set(Statement statement) {
    Matcher set = SET.matcher(statement.text());
    if (!set.matches()) {
      throw new IllegalArgumentException("expected SET 'option' = 'value'");
    }
    String key = set.group(1).replace("''", "'");
    String value = set.group(2).replace("''", "'");
    boolean isMode = key.equals(ExecutionOptions.RUNTIME_MODE.key());
    if (sql == null) {
      settings.setString(key, value);
      if (isMode) {
        settings.get(ExecutionOptions.RUNTIME_MODE); // fails for an unknown mode
      }
    } else if (isMode) {
      throw new IllegalArgumentException("SET '" + key + "': expected before other statements");
    } else {
      sql.getConfig().set(key, value);
    }
  }

  private void open() {
    boolean isBatch = settings.get(ExecutionOptions.RUNTIME_MODE) == RuntimeExecutionMode.BATCH;
    sql =
        StreamTableEnvironment.create(
            StreamExecutionEnvironment.getExecutionEnvironment(settings),
            isBatch ? EnvironmentSettings.inBatchMode() : EnvironmentSettings.inStreamingMode());
    sql.createTemporarySystemFunction("RNN", Rnn.class);
    sql.createTemporarySystemFunction("RNN_STEPS", RnnSteps.class);
  }

  private void print(TableResult result, boolean isQuery) throws Exception {
    List<String> names = result.getResolvedSchema().getColumnNames();
    CloseableIterator<Row> rows = result.collect();
    try {
      while (rows.hasNext()) {
        Row row = rows.next();
        boolean isText = !isQuery && row.getArity() == 1 && row.getField(0) instanceof String;
        out.println(isText ? row.getField(0) : SqlRow.json(names, row));
      }
    } finally {
      rows.close(); // cancels a query that was interrupted
    }
  }
}
