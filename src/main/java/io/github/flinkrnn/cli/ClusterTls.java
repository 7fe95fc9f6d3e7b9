package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.JobFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Which certificates this process trusts and presents when it talks to a cluster: by Flink's own
 * options, {@code security.ssl.rest.*} or {@code security.ssl.*}, under {@code flink} in the job
 * file. They are only for this process, so they are not sent to the cluster.
 */
final class ClusterTls {
  /** The prefix of all these options. */
  static final String PREFIX = "security.ssl.";

  private static final String TRUSTSTORE = "truststore";
  private static final String KEYSTORE = "keystore";
  private static final String PEM = "PEM";
  private static final String PEM_BEGINS = "-----BEGIN";

  private final JobFile job;

  private ClusterTls(JobFile job) {
    this.job = job;
  }

  /**
   * The context of these options; without them, empty: then Java's own options hold, such as {@code
   * javax.net.ssl.trustStore}.
   *
   * @throws InvalidFileException if a store cannot be read
   */
  static Optional<SSLContext> context(JobFile job) {
    ClusterTls tls = new ClusterTls(job);
    boolean anyHost = "false".equals(job.flink().get(PREFIX + "verify-hostname"));
    if (tls.key(TRUSTSTORE) == null && tls.key(KEYSTORE) == null && !anyHost) {
      return Optional.empty();
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(tls.keys(), tls.trust(anyHost), null);
      return Optional.of(context);
    } catch (GeneralSecurityException e) {
      throw new InvalidFileException(job.file(), "flink." + PREFIX + "rest", e.getMessage());
    }
  }

  /** The option's name as the job has it; null if the job does not have it. */
  private String key(String name) {
    for (String key : new String[] {PREFIX + "rest." + name, PREFIX + name}) {
      if (job.flink().containsKey(key)) {
        return key;
      }
    }
    return null;
  }

  private String value(String name) {
    String key = key(name);
    return key == null ? null : job.flink().get(key);
  }

  private char[] password(String name) {
    String password = value(name);
    return password == null ? null : password.toCharArray();
  }

  private TrustManager[] trust(boolean anyHost) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(key(TRUSTSTORE) == null ? null : store(TRUSTSTORE));
    TrustManager[] managers = factory.getTrustManagers();
    for (int i = 0; i < managers.length; i++) {
      if (anyHost && managers[i] instanceof X509TrustManager manager) {
        managers[i] = new AnyHost(manager);
      }
    }
    return managers;
  }

  private KeyManager[] keys() throws GeneralSecurityException {
    if (key(KEYSTORE) == null) {
      return null;
    }
    KeyStore store = store(KEYSTORE);
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    char[] password = password("key-password");
    try {
      factory.init(store, password == null ? password(KEYSTORE + "-password") : password);
    } catch (GeneralSecurityException e) {
      throw invalid(KEYSTORE, "cannot be read: " + e.getMessage());
    }
    return factory.getKeyManagers();
  }

  private KeyStore store(String name) {
    String path = value(name);
    String type = value(name + "-type");
    boolean asPem = PEM.equalsIgnoreCase(type) && name.equals(TRUSTSTORE);
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      KeyStore store;
      if (asPem) {
        store = ofCertificates(in);
      } else {
        store = KeyStore.getInstance(type == null ? KeyStore.getDefaultType() : type);
        store.load(in, password(name + "-password"));
      }
      if (store.size() == 0) {
        throw invalid(name, "expected certificates, found none (is its password right?)");
      }
      return store;
    } catch (IOException | GeneralSecurityException | InvalidPathException e) {
      throw invalid(name, !asPem && isPem(path) ? foundPem(name) : "cannot be read: " + e);
    }
  }

  private static boolean isPem(String path) {
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      return new String(in.readNBytes(PEM_BEGINS.length()), US_ASCII).equals(PEM_BEGINS);
    } catch (IOException | InvalidPathException e) {
      return false;
    }
  }

  private String foundPem(String name) {
    return name.equals(TRUSTSTORE)
        ? "found PEM; set flink." + key(name) + "-type: " + PEM
        : "expected a store in PKCS12 or JKS, found PEM";
  }

  private static KeyStore ofCertificates(InputStream pem)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
      store.setCertificateEntry("certificate-" + store.size(), one);
    }
    return store;
  }

  private InvalidFileException invalid(String name, String problem) {
    return new InvalidFileException(job.file(), "flink." + key(name), problem);
  }

  /** Checks certificates, but not for which host they are: {@code verify-hostname: false}. */
  private static final class AnyHost extends X509ExtendedTrustManager {
    private final X509TrustManager by;

    AnyHost(X509TrustManager by) {
      this.by = by;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      by.checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      by.checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      by.checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      by.checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      by.checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      by.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return by.getAcceptedIssuers();
    }
  }
}
