package io.github.flinkrnn.rig.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Parsing of the output of the tools. */
class ProcessProbeTest {
  @Test
  void theTotalIsTheLastLineOfAHistogram() throws Exception {
    String histogram =
        """
        4711:
         num     #instances         #bytes  class name (module)
           1:         10000         800000  [B (java.base@17.0.15)
        Total         12000         912345
        """;

    assertThat(ProcessProbe.total(histogram)).isEqualTo(912_345);
    assertThatThrownBy(() -> ProcessProbe.total("4711:\nno such process\n"))
        .hasMessageContaining("no such process");
  }

  @Test
  void linuxCountsInKilobytes() throws Exception {
    String status = "Name:\tjava\nVmHWM:\t 2000000 kB\nVmRSS:\t 1500000 kB\n";

    assertThat(ProcessProbe.status(status, "VmHWM")).isEqualTo(2_048_000_000L);
    assertThat(ProcessProbe.status(status, "VmRSS")).isEqualTo(1_536_000_000L);
    assertThatThrownBy(() -> ProcessProbe.status(status, "VmSwap")).hasMessageContaining("VmSwap");
  }
}
