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

/** The members of a group, in the two forms that h5py writes: a symbol table, or link messages. */
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
   * Where the objects of a group are, by their names.
   *
   * @param most how many there may be
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
          "keeps its links in a B-tree of version 2, which Keras does not write");
    }
    for (LinkMessage link : group.getMessagesOfType(LinkMessage.class)) {
      boolean isHard = link.getLinkType() == LinkMessage.LinkType.HARD;
      add(link.getLinkName(), isHard, isHard ? link.getHardLinkAddress() : NOWHERE);
    }
  }

  private void add(String name, boolean isHard, long address) {
    if (!isHard) {
      throw new HdfException("has the link '" + name + "' to another place");
    }
    if (name.isEmpty() || name.length() > MAX_NAME || name.contains("/")) {
      throw new HdfException("has a member with the name '" + name + "'");
    }
    if (addresses.put(name, address) != null || addresses.size() > most) {
      throw new HdfException("has '" + name + "' twice, or too many members");
    }
  }
}
