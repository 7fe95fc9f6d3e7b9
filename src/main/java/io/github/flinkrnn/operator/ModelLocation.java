package io.github.flinkrnn.operator;

import io.github.flinkrnn.formats.ModelFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import org.apache.flink.annotation.Internal;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Where a model directory is: all that a job graph says of its model. The weights are read where
 * they are used, through any file system that Flink knows.
 *
 * @param uri {@code file:}, {@code s3:}, {@code hdfs:} and so on; a plain path is of Flink's
 *     default file system, from the working directory of the process that reads it
 */
@Internal
public record ModelLocation(String uri) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The directory's files, by Flink's file system for the URI. */
  public ModelFiles files() throws IOException {
    Path directory = new Path(uri);
    FileSystem fileSystem = directory.getFileSystem();
    if (!fileSystem.isDistributedFS()) {
      // Flink's would open a pipe, and wait for whoever writes to it.
      return ModelFiles.of(java.nio.file.Path.of(directory.getPath()));
    }
    return new ModelFiles() {
      @Override
      public String location() {
        return uri;
      }

      @Override
      public boolean exists(String name) throws IOException {
        Path path = new Path(directory, name);
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
    };
  }
}
