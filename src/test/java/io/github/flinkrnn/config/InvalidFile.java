package io.github.flinkrnn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The error messages for invalid files. */
public final class InvalidFile {
  private InvalidFile() {}

  /** The message of the {@link InvalidFileException} that {@code reading} must throw. */
  public static String message(ThrowingCallable reading) {
    Throwable thrown = catchThrowable(reading);
    assertThat(thrown).isExactlyInstanceOf(InvalidFileException.class);
    assertThat(thrown.getMessage().lines()).as("one line").hasSize(1);
    return thrown.getMessage();
  }
}
