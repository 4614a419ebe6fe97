package peer;

import ai.timefold.solver.core.api.score.buildin.bendablelong.BendableLongScore;
import ai.timefold.solver.core.api.solver.Solver;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.solver.SolverConfig;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Solvers of the same week side by side, a thread each; the best board of them all is handed out. */
public final class Crew {
    private final List<Solver<Board>> solvers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private Board best;
    private boolean fresh;
    private String failure = "";

    /**
     * Build the solvers and let them run.
     *
     * @param tables see {@link Facts}
     * @param start sessions to begin with: slot, leaders, room, patients
     * @param configs a Timefold configuration for each solver
     */
    public Crew(Map<String, int[][]> tables, int[][] start, String[] configs) {
        Facts facts = new Facts(tables);
        for (String config : configs) {
            SolverConfig read = SolverConfig.createFromXmlInputStream(
                    new ByteArrayInputStream(config.getBytes(StandardCharsets.UTF_8)), Crew.class.getClassLoader());
            Solver<Board> solver = SolverFactory.<Board>create(read).buildSolver();
            solver.addEventListener(event -> offer(event.getNewBestSolution()));
            solvers.add(solver);
            Thread thread = new Thread(() -> run(solver, new Board(facts, start)));
            thread.setDaemon(true);
            thread.setContextClassLoader(Crew.class.getClassLoader());
            threads.add(thread);
        }
        threads.forEach(Thread::start);
    }

    private void run(Solver<Board> solver, Board board) {
        try {
            offer(solver.solve(board));
        } catch (RuntimeException fault) {
            synchronized (this) {
                failure = fault.toString();
            }
        }
    }

    private synchronized void offer(Board found) {
        BendableLongScore score = found.score;
        if (score != null && score.isFeasible() && (best == null || score.compareTo(best.score) > 0)) {
            best = found;
            fresh = true;
        }
    }

    /** The best board that keeps every rule, if it is better than the one handed out last; else null. */
    public int[][] better() {
        Board found;
        synchronized (this) {
            found = fresh ? best : null;
            fresh = false;
        }
        return found == null ? null : found.rows();
    }

    /** The score of the best board; empty before there is one. */
    public synchronized String score() {
        return best == null ? "" : best.score.toString();
    }

    /** Whether any solver is at work. */
    public boolean working() {
        return threads.stream().anyMatch(Thread::isAlive);
    }

    /** What went wrong in a solver; empty when nothing did. */
    public synchronized String failure() {
        return failure;
    }

    /** Ask every solver to end. */
    public void stop() {
        solvers.forEach(Solver::terminateEarly);
    }
}
