package io.github.flinkrnn.operator;

import io.github.flinkrnn.formats.ModelFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * The location of a model directory. The job graph contains only this location. The weights are
 * read where they are used, through any file system that Flink supports.
 *
 * @param uri a URI with {@code file:}, {@code s3:}, {@code hdfs:} and so on; a plain path is on the
 *     default file system of Flink, relative to the working directory of the process that reads it
 * @serial exclude
 */
@Internal
public record ModelLocation(String uri) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The files in the directory, from the Flink file system of the URI. */
  public ModelFiles files() throws IOException {
    Path directory = new Path(uri);
    FileSystem fileSystem = directory.getFileSystem();
    if (!fileSystem.isDistributedFS()) {
      // The local file system of Flink would open a named pipe and wait for a writer.
      return ModelFiles.of(java.nio.file.Path.of(directory.getPath()));
    }
    return new ModelFiles() {
      @Override
      public String location() {
        return uri;
      }

      @Override
      public boolean exists(String name) throws IOException {
        Path path;
        try {
          path = new Path(directory, name);
        } catch (IllegalArgumentException e) { // a colon would end the scheme of a URI
          return false;
        }
        return fileSystem.exists(path) && !fileSystem.getFileStatus(path).isDir();
      }

      @Override
      public long size(String name) throws IOException {
        return fileSystem.getFileStatus(new Path(directory, name)).getLen();
      }

      @Override
      public InputStream open(String name) throws IOException {
        return fileSystem.open(new Path(directory, name));
      }

      @Override
      public InputStream open(String name, long from) throws IOException {
        FSDataInputStream in = fileSystem.open(new Path(directory, name));
        boolean whole = false;
        try {
          in.seek(from);
          whole = true;
          return in;
        } finally {
          if (!whole) {
            in.close();
          }
        }
      }

      @Override
      public List<String> list(String name) throws IOException {
        List<String> names = new ArrayList<>();
        FileStatus[] found = null;
        try {
          found = fileSystem.listStatus(name.isEmpty() ? directory : new Path(directory, name));
        } catch (FileNotFoundException e) {
          return names;
        }
        for (FileStatus each : found == null ? new FileStatus[0] : found) {
          names.add(each.getPath().getName() + (each.isDir() ? "/" : ""));
        }
        Collections.sort(names);
        return names.subList(0, Math.min(MOST_LISTED, names.size()));
      }
    };
  }
}
