package io.github.flinkrnn.json;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * How records hold tokens and their keys.
 *
 * @param keyParts the places of the parts of a composite key; empty for a key that is one value
 * @param each the pointer of the array of tokens; null if a record is one token
 * @param keyFormat the format of the Kafka record's key
 * @param tombstonesEnd whether a tombstone ends the sequence of its key; otherwise it is rejected
 * @param passedHeaders the names of the headers that a token passes on to its predictions
 */
@Internal
public record RecordForm(
    List<String> keyParts,
    String each,
    KeyFormat keyFormat,
    boolean tombstonesEnd,
    List<String> passedHeaders)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A record is one token with a key that is one value, or is the Kafka record's in UTF-8. */
  public static final RecordForm PLAIN =
      new RecordForm(List.of(), null, KeyFormat.STRING, false, List.of());

  public RecordForm {
    keyParts = new ArrayList<>(keyParts);
    passedHeaders = new ArrayList<>(passedHeaders);
  }

  /** Whether a record holds several tokens. */
  public boolean isArray() {
    return each != null;
  }
}
