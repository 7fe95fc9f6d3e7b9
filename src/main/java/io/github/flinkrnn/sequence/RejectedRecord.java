package io.github.flinkrnn.sequence;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A record that became no prediction: a dead letter.
 *
 * <p>Immutable: whoever makes one gives up the arrays in it, and nobody writes to them.
 *
 * @param detail one line on what was found
 * @param record as it came, or its beginning; of a token that a program made, its JSON
 */
@PublicEvolving
@TypeInfo(RecordType.Factory.class)
public record RejectedRecord(Reason reason, String detail, SourceRecord record) {}
