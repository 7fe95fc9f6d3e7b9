package io.github.flinkrnn.sequence;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A record for which no prediction was made: a dead letter.
 *
 * <p>Immutable: arrays that are passed in must not be changed afterwards.
 *
 * @param reason why it was rejected
 * @param detail one line that says what was found
 * @param record the record as it was read, or its beginning; for a token made by a program, its
 *     JSON
 */
@PublicEvolving
@TypeInfo(RecordType.Factory.class)
public record RejectedRecord(Reason reason, String detail, SourceRecord record) {}
