package io.github.flinkrnn.model;

import io.github.flinkrnn.cell.RecurrentCell;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/**
 * What a weights file holds, once each of its arrays has found its place.
 *
 * @param cells the layers, bottom first
 * @param embedding E, [words × n_x], or null when the file has none
 * @param wya the head's weights, [n_y × n_a]
 * @param by the head's bias, [n_y], or null
 * @param parameters how many numbers the file holds
 */
public record Network(
    List<RecurrentCell> cells,
    FMatrixRMaj embedding,
    FMatrixRMaj wya,
    float[] by,
    long parameters) {}
