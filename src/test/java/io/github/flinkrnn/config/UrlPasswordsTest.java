package io.github.flinkrnn.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlPasswordsTest {
  @ParameterizedTest
  @CsvSource({
    "http://u:secret@host:8081/x, http://…@host:8081/x",
    "a https://u:s@e:c@h b https://v:w@i/, a https://…@h b https://…@i/",
    "http://:secret@host, http://…@host",
    "http://u:12/34secret@host:8081, http://…@host:8081",
    "HTTP://u:12#34@host and http://u:12?34@i/, HTTP://…@host and http://…@i/",
    "http://host:8081/a@b, http://…@b",
    "http://host/a@b, http://host/a@b",
    "s3://u:p@bucket/x, s3://…@bucket/x",
    "abfs://container@account/x, abfs://container@account/x",
    "hdfs://nn:9000/user@x/y, hdfs://nn:9000/user@x/y",
    "plain, plain"
  })
  void hidesUserAndPassword(String text, String hidden) {
    assertThat(UrlPasswords.hide(text)).isEqualTo(hidden);
  }
}
