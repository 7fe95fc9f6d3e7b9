package io.github.flinkrnn.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** The picture of the results is XML, with a bar for each number. */
class PictureTest {
  private static Element drawn(Figures figures) throws Exception {
    byte[] svg = Picture.of(figures).getBytes(UTF_8);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg))
        .getDocumentElement();
  }

  private static Figures figures() {
    Figures figures = new Figures();
    figures.add(new Figures.Row("RNN <64> & \"32\"").put("ratio", 31.5));
    figures.add(new Figures.Row("GRU 64/32").put("ratio", 15.75));
    figures.add(
        new Figures.Row("RNN 64/32")
            .put("backend", "hashmap")
            .put("slots", 1)
            .put("keys", 10_000)
            .put("identity_per_s", 976_000.0)
            .put("ours_per_s", 656_000.0)
            .put("onnxruntime_per_s", Double.NaN)
            .put("onnxruntime_batched_per_s", 488_000.0));
    return figures;
  }

  @Test
  void hasABarForEachNumber() throws Exception {
    Element svg = drawn(figures());

    assertThat(svg.getTagName()).isEqualTo("svg");
    assertThat(svg.getAttribute("viewBox")).isEqualTo("0 0 760 228");
    // Two steps, three rates, and five squares of the legend.
    assertThat(svg.getElementsByTagName("rect").getLength()).isEqualTo(10);
    assertThat(svg.getTextContent())
        .contains("RNN <64> & \"32\"", "31.5", "15.8")
        .contains("hashmap, 1 slot, 10k keys", "976k", "656k", "488k")
        .contains("ONNX Runtime, pinned", "ONNX Runtime, batched");
  }

  @Test
  void whatWasNotMeasuredHasNoBar() {
    assertThat(Picture.of(figures()))
        .contains(">976k<")
        .doesNotContain(">0.00k<", ">NaNk<")
        // The batched one is in the last place, with two empty ones above it.
        .contains("<rect class=\"series4\" x=\"210\" y=\"198\" width=\"240.0\"");
  }

  @Test
  void eachNetworkHasAPanelOfItsOwn() throws Exception {
    Figures figures = figures();
    for (String network : new String[] {"LSTM 64/32", "RNN 64/32"}) {
      figures.add(
          new Figures.Row(network)
              .put("backend", "rocksdb")
              .put("slots", 2)
              .put("keys", 1_000_000)
              .put("ours_per_s", 10_000.0));
    }

    String text = drawn(figures).getTextContent();

    assertThat(text)
        .containsOnlyOnce("Operator, RNN 64/32: tokens a second, in thousands")
        .containsOnlyOnce("Operator, LSTM 64/32: tokens a second, in thousands");
    assertThat(text.substring(text.indexOf("Operator, LSTM")))
        .contains("rocksdb, 2 slots, 1M keys")
        .doesNotContain("hashmap");
  }

  @Test
  void theLongestBarIsOfTheLargestNumber() throws Exception {
    var bars = drawn(figures()).getElementsByTagName("rect");

    assertThat(((Element) bars.item(0)).getAttribute("width")).isEqualTo("480.0");
    assertThat(((Element) bars.item(1)).getAttribute("width")).isEqualTo("240.0");
  }

  @Test
  void isReadableOnDarkAndLight() {
    assertThat(Picture.of(figures())).contains("prefers-color-scheme: dark");
  }

  @Test
  void withoutFiguresItIsStillAPicture() throws Exception {
    assertThat(drawn(new Figures()).getTagName()).isEqualTo("svg");
  }
}
