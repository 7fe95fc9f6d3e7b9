package io.github.flinkrnn.formats.keras;

import io.jhdf.GroupSymbolTableNode;
import io.jhdf.LocalHeap;
import io.jhdf.ObjectHeader;
import io.jhdf.SymbolTableEntry;
import io.jhdf.Utils;
import io.jhdf.btree.BTreeV1;
import io.jhdf.exceptions.HdfException;
import io.jhdf.object.message.LinkInfoMessage;
import io.jhdf.object.message.LinkMessage;
import io.jhdf.object.message.SymbolTableMessage;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** The members of a group. h5py writes them as a symbol table or as link messages. */
final class Hdf5Links {
  private static final int MAX_NAME = 256;
  private static final int SOFT = 2;
  private static final long NOWHERE = -1;

  private final Map<String, Long> addresses = new LinkedHashMap<>();
  private final int most;

  private Hdf5Links(int most) {
    this.most = most;
  }

  /**
   * The addresses of the objects of a group, by name.
   *
   * @param most the maximum number of objects
   */
  static Map<String, Long> of(BoundedStorage storage, ObjectHeader group, int most) {
    Hdf5Links links = new Hdf5Links(most);
    if (group.hasMessageOfType(SymbolTableMessage.class)) {
      links.addOldStyle(storage, group.getMessageOfType(SymbolTableMessage.class));
    } else {
      links.addNewStyle(group);
    }
    return links.addresses;
  }

  private void addOldStyle(BoundedStorage storage, SymbolTableMessage table) {
    ByteBuffer names = new LocalHeap(storage, table.getLocalHeapAddress()).getDataBuffer();
    BTreeV1 tree = BTreeV1.createGroupBTree(storage, table.getBTreeAddress());
    for (long node : tree.getChildAddresses()) {
      for (SymbolTableEntry entry :
          new GroupSymbolTableNode(storage, node).getSymbolTableEntries()) {
        int at = entry.getLinkNameOffset();
        int length = Math.min(MAX_NAME, names.capacity() - at);
        String name = Utils.readUntilNull(names.slice(at, length));
        add(name, entry.getCacheType() != SOFT, entry.getObjectHeaderAddress());
      }
    }
  }

  private void addNewStyle(ObjectHeader group) {
    if (group.hasMessageOfType(LinkInfoMessage.class)
        && group.getMessageOfType(LinkInfoMessage.class).getBTreeNameIndexAddress() != NOWHERE) {
      throw new HdfException(
          "expected no links in a version 2 B-tree, because Keras does not write one");
    }
    for (LinkMessage link : group.getMessagesOfType(LinkMessage.class)) {
      boolean isHard = link.getLinkType() == LinkMessage.LinkType.HARD;
      add(link.getLinkName(), isHard, isHard ? link.getHardLinkAddress() : NOWHERE);
    }
  }

  private void add(String name, boolean isHard, long address) {
    if (!isHard) {
      throw new HdfException("expected only hard links, found '" + name + "'");
    }
    if (name.isEmpty() || name.length() > MAX_NAME || name.contains("/")) {
      throw new HdfException(
          "expected a name of 1 to 256 characters without a slash, found '" + name + "'");
    }
    if (addresses.put(name, address) != null || addresses.size() > most) {
      throw new HdfException(
          "expected at most " + most + " members, each once, found '" + name + "'");
    }
  }
}
