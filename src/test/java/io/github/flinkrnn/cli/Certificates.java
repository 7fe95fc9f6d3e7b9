package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates that the JDK's keytool makes, each with its key in a store of its own. */
final class Certificates {
  static final String PASSWORD = "sentinel-store-password";

  private final Path directory;

  /**
   * @param directory an existing directory for the stores
   */
  Certificates(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes a certificate.
   *
   * @param name of the store and the subject
   * @param options further options of keytool, such as {@code -ext san=ip:127.0.0.1}
   */
  Path make(String name, String options) throws IOException, InterruptedException {
    keytool(
        name,
        "-genkeypair -alias own -keyalg RSA -keysize 2048 -validity 2 -dname CN="
            + name
            + " "
            + options);
    keytool(name, "-exportcert -rfc -alias own -file " + pem(name));
    return store(name);
  }

  /** Makes a store that has only the certificate of another one. */
  void trust(String name, String trusted) throws IOException, InterruptedException {
    keytool(name, "-importcert -noprompt -alias " + trusted + " -file " + pem(trusted));
  }

  /** The store with key and certificate, in PKCS #12. */
  Path store(String name) {
    return directory.resolve(name + ".p12");
  }

  /** The certificate, in PEM. */
  Path pem(String name) {
    return directory.resolve(name + ".pem");
  }

  private void keytool(String store, String arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments.strip().split(" +")));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", store(store).toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("keytool: " + said);
    }
  }

  /**
   * A context with a key, which trusts only one certificate.
   *
   * @param own the name of the key
   * @param trusted the name of the certificate
   */
  SSLContext context(String own, String trusted) throws IOException, GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(read(own), PASSWORD.toCharArray());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore only = read(trusted);
    only.setCertificateEntry("trusted", only.getCertificate("own"));
    trust.init(only);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private KeyStore read(String name) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store(name))) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }
}
