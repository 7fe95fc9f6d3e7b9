package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.Tensor;
import io.jhdf.ObjectHeader;
import io.jhdf.Superblock.SuperblockV0V1;
import io.jhdf.Superblock.SuperblockV2V3;
import io.jhdf.SymbolTableEntry;
import io.jhdf.exceptions.HdfException;
import io.jhdf.object.message.DataSpaceMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * The datasets and attributes of an HDF5 file. The file is untrusted. jHDF parses single
 * structures, but this class walks the groups and bounds their number and depth, because jHDF's own
 * traversal follows links out of the file and allocates as much as the file claims. {@link
 * #guarded} turns every failure of jHDF into an {@link InvalidFileException}.
 */
final class Hdf5File {
  private static final int MAX_OBJECTS = 10_000;
  private static final int MAX_DEPTH = 12;
  private static final long SMALL_STACK = 192 << 10;

  private final String file;
  private final BoundedStorage storage;
  private final LoadMemory memory;
  private final Map<String, ObjectHeader> groups = new LinkedHashMap<>();
  private final Map<String, ObjectHeader> datasets = new LinkedHashMap<>();
  private final Set<Long> seen = new HashSet<>();

  /**
   * @param file the name of the file in errors
   */
  Hdf5File(String file, byte[] bytes, LoadMemory memory) {
    this.file = file;
    this.memory = memory;
    this.storage = guarded("HDF5 superblock", () -> new BoundedStorage(bytes));
    onSmallStack(() -> walk("", guarded("HDF5 superblock", this::rootAddress), 0));
  }

  // Types and B-trees nest, and jHDF allocates memory at each level before it reads the data. A
  // small stack bounds the number of levels.
  private static void onSmallStack(Runnable walk) {
    FutureTask<Void> task = new FutureTask<>(walk, null);
    Thread thread = new Thread(null, task, "hdf5-structure", SMALL_STACK);
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    while (true) {
      try {
        task.get(); // ends soon, because the structure is bounded
        return;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
      } catch (InterruptedException e) {
        interrupted = true;
      } finally {
        if (interrupted && task.isDone()) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private long rootAddress() {
    if (storage.getSuperblock() instanceof SuperblockV0V1 old) {
      return new SymbolTableEntry(storage, old.getRootGroupSymbolTableAddress())
          .getObjectHeaderAddress();
    }
    return ((SuperblockV2V3) storage.getSuperblock()).getRootGroupObjectHeaderAddress();
  }

  private void walk(String path, long address, int depth) {
    Map<String, Long> links =
        guarded(
            place(path),
            () -> {
              if (!seen.add(address)) {
                throw new HdfException("linked twice");
              }
              long levels = path.chars().filter(c -> c == '/').count();
              if (seen.size() > MAX_OBJECTS || depth > MAX_DEPTH || levels > MAX_DEPTH) {
                throw new HdfException(
                    "expected at most "
                        + MAX_OBJECTS
                        + " objects and "
                        + MAX_DEPTH
                        + " levels, found more");
              }
              ObjectHeader header = ObjectHeader.readObjectHeader(storage, address);
              boolean isDataset = header.hasMessageOfType(DataSpaceMessage.class);
              if ((isDataset ? datasets : groups).put(path, header) != null) {
                throw new HdfException("expected one object of this path, found two");
              }
              return isDataset ? Map.of() : Hdf5Links.of(storage, header, MAX_OBJECTS);
            });
    links.forEach(
        (name, target) -> {
          // Keras on Windows wrote paths of groups with backslashes, as the name of one group.
          String plain = name.replace('\\', '/');
          walk(path.isEmpty() ? plain : path + "/" + plain, target, depth + 1);
        });
  }

  /** The paths of all datasets, without a leading slash. */
  Set<String> datasets() {
    return datasets.keySet();
  }

  /** The paths of all groups, without a leading slash. */
  Set<String> groups() {
    return groups.keySet();
  }

  /** Whether there is a group, or something below its path. */
  boolean hasGroup(String path) {
    return groups.containsKey(path)
        || groups.keySet().stream().anyMatch(group -> group.startsWith(path + "/"));
  }

  /** The dimensions of a dataset, without reading its numbers. */
  int[] shape(String path) {
    return guarded(place(path), () -> Hdf5Dataset.shape(header(datasets, path)));
  }

  /** Reads a dataset of float32 or float64 as float32. */
  Tensor read(String path) {
    return guarded(
        place(path),
        () -> Hdf5Dataset.read(file, place(path), path, header(datasets, path), storage, memory));
  }

  /** The strings in an attribute of a group, or of the file if the path is empty. */
  Optional<List<String>> texts(String path, String attribute) {
    return guarded(
        place(path) + " attribute '" + attribute + "'",
        () -> Hdf5Texts.find(storage, header(groups, path), attribute));
  }

  /** The string in an attribute of the file, if it holds exactly one. */
  Optional<String> text(String attribute) {
    return texts("", attribute).filter(texts -> texts.size() == 1).map(texts -> texts.get(0));
  }

  /** The name of a dataset or a group in errors. */
  static String place(String path) {
    return "'/" + path + "'";
  }

  private static ObjectHeader header(Map<String, ObjectHeader> headers, String path) {
    ObjectHeader header = headers.get(path);
    if (header == null) {
      throw new HdfException("missing");
    }
    return header;
  }

  // A damaged file causes exceptions of the parsers, of buffers, casts and arithmetic, and stack
  // overflows in nested types. BoundedStorage bounds the memory.
  private <T> T guarded(String place, Supplier<T> read) {
    try {
      return read.get();
    } catch (InvalidFileException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      throw new InvalidFileException(file, place, "cannot be read as HDF5: " + reasons(e));
    }
  }

  private static String reasons(Throwable e) {
    List<String> reasons = new ArrayList<>();
    for (Throwable cause = e; cause != null && reasons.size() < 4; cause = cause.getCause()) {
      String message = cause.getMessage();
      String nameless = cause instanceof StackOverflowError ? "nested too deeply" : "damaged";
      String reason = message == null ? nameless : message;
      if (cause.getCause() == null || message != null) {
        reasons.add(reason);
      }
    }
    return String.join(": ", reasons);
  }
}
