package io.github.flinkrnn.formats.keras;

import io.jhdf.Superblock;
import io.jhdf.exceptions.HdfException;
import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * An HDF5 file in memory, for the parsers of jHDF. It counts the bytes that they read, because
 * addresses in the file may form a cycle or lead to the same place a million times. Reading fails
 * after more bytes than any real file needs. Nothing is copied.
 */
final class BoundedStorage implements HdfBackingStorage {
  // A network of a hundred layers needs less than a tenth of this.
  private static final long MAX_STRUCTURE = 8 << 20;
  private static final int LEAST = 64;

  private final ByteBuffer file;
  private final Superblock superblock;
  private long structureLeft = MAX_STRUCTURE;
  private long numbersLeft;

  BoundedStorage(byte[] bytes) {
    file = ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    numbersLeft = bytes.length;
    superblock = Superblock.readSuperblock(file.slice().order(ByteOrder.LITTLE_ENDIAN));
    if (superblock.getSizeOfOffsets() != Long.BYTES
        || superblock.getSizeOfLengths() != Long.BYTES
        || superblock.getBaseAddressByte() != 0) {
      throw new HdfException("expected addresses of 8 bytes from the start of the file");
    }
  }

  /** The bytes of a dataset. All datasets together cannot have more than the file. */
  ByteBuffer numbers(long address, long length) {
    ByteBuffer bytes = slice(address, length);
    numbersLeft -= length;
    if (numbersLeft < 0) {
      throw new HdfException("expected separate datasets, found an overlap");
    }
    return bytes;
  }

  // Cut off at the end of the file, because jHDF asks for more than the used part of a B-tree node.
  @Override
  public ByteBuffer map(long address, long length) {
    ByteBuffer bytes = slice(address, Math.min(length, file.capacity() - address));
    structureLeft -= Math.max(length, LEAST); // not cut off, because jHDF allocates that much
    if (structureLeft < 0) {
      throw new HdfException(
          "expected a structure of at most " + MAX_STRUCTURE + " bytes, found more");
    }
    return bytes;
  }

  private ByteBuffer slice(long address, long length) {
    if (address < 0 || length < 0 || length > file.capacity() - address) {
      throw new HdfException(
          "expected bytes in the file, found " + length + " at " + address + " outside it");
    }
    return file.slice((int) address, (int) length).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public ByteBuffer readBufferFromAddress(long address, int length) {
    return map(address, length);
  }

  @Override
  public ByteBuffer mapNoOffset(long address, long length) {
    return map(address, length);
  }

  @Override
  public long getUserBlockSize() {
    return 0;
  }

  @Override
  public Superblock getSuperblock() {
    return superblock;
  }

  @Override
  public FileChannel getFileChannel() {
    throw new HdfException("the file is in memory");
  }

  @Override
  public int getSizeOfOffsets() {
    return Long.BYTES;
  }

  @Override
  public int getSizeOfLengths() {
    return Long.BYTES;
  }

  @Override
  public void close() {
    // There is nothing to close.
  }

  @Override
  public long size() {
    return file.capacity();
  }

  @Override
  public boolean inMemory() {
    return true;
  }
}
