package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names in config.json mean tensors and modules, whatever wrappers put before and into them. */
class ModulePathsTest {
  @TempDir private Path path;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fc.weight | fc.weight, a.fc.weight | fc.weight",
        "fc.weight | a.fc.weight, b.fd.weight | a.fc.weight",
        "fc | module._orig_mod.fc, xfc | module._orig_mod.fc",
        "a.b.c | x.a._orig_mod.b.module.c, x.a.d | x.a._orig_mod.b.module.c",
        "module.fc | fc, a.fc | fc",
        "module | module, _orig_mod | module",
        "_orig_mod | module.a, b | ",
        "fc | a.fc, b.fc | a.fc b.fc",
        "net.fc | _fsdp_wrapped_module.net._checkpoint_wrapped_module.fc, fc |"
            + " _fsdp_wrapped_module.net._checkpoint_wrapped_module.fc",
        "c | bc, b.c. , .c | .c",
      })
  void aNameMeansAPathOrItsEnd(String name, String paths, String meant) {
    List<String> expected = meant == null ? List.of() : List.of(meant.split(" "));
    assertThat(new ModulePaths(List.of(paths.split(" *, *"))).meant(name)).isEqualTo(expected);
  }

  private static SafeTensorsFile twoNetworks() {
    return new SafeTensorsFile()
        .zeros("module.a.rnn._orig_mod.weight_ih_l0", 4, 3)
        .zeros("module.a.rnn._orig_mod.weight_hh_l0", 4, 4)
        .zeros("module.a.h0", 4)
        .zeros("module.a.fc.weight", 2, 4)
        .zeros("module.b.rnn.weight_ih_l0", 4, 4)
        .zeros("module.b.rnn.weight_hh_l0", 4, 4)
        .zeros("module.b.h0", 4)
        .zeros("module.b.fc.weight", 5, 4);
  }

  @Test
  void namesMayLeaveOutWrappers() throws IOException {
    ModelDirectory model =
        ModelDirectory.in(path)
            .safetensors(twoNetworks())
            .config("{'recurrent': 'a.rnn', 'initial_state': 'a.h0', 'output': {'head': 'a.fc'}}");
    assertThat(model.load().describe()).contains("one layer of 4, 3 features, 2 outputs");
    model.config(
        "{'recurrent': ['a.rnn', 'module.b.rnn'], 'output': {'head': 'module.b.fc.weight'}}");
    assertThat(model.load().describe()).contains("2 layers of 4, 3 features, 5 outputs");
  }

  @Test
  void anAmbiguousNameIsOneLine() throws IOException {
    ModelDirectory model = ModelDirectory.in(path).safetensors(twoNetworks());
    model.config("{'recurrent': 'a.rnn', 'output': {'head': 'fc'}}");
    assertThat(InvalidFile.message(model::load))
        .endsWith(
            "config.json: output.head: expected the path of one tensor, found 'fc', as in"
                + " module.a.fc.weight, module.b.fc.weight");
    model.config("{'recurrent': 'a.rnn', 'initial_state': 'h0', 'output': {'head': 'a.fc'}}");
    assertThat(InvalidFile.message(model::load))
        .endsWith(
            "config.json: initial_state: expected the path of one tensor, found 'h0', as in"
                + " module.a.h0, module.b.h0");
    model.config("{'recurrent': 'rnn'}");
    assertThat(InvalidFile.message(model::load))
        .endsWith(
            "model.safetensors: expected distinct modules of [module.a.rnn._orig_mod, module.b.rnn]"
                + " in recurrent in config.json, found [rnn]");
  }
}
