package peer;

import ai.timefold.solver.core.api.domain.solution.cloner.SolutionCloner;

/** Copies a board by hand: on large weeks Timefold's own copying, by reflection, takes longer than the search. */
public final class Copier implements SolutionCloner<Board> {
    @Override
    public Board cloneSolution(Board original) {
        Board copy = new Board();
        copy.facts = original.facts;
        copy.score = original.score;
        copy.sessions = new java.util.ArrayList<>(original.sessions.size());
        copy.visits = new java.util.ArrayList<>(original.visits.size());
        for (Session session : original.sessions) {
            Session twin = new Session(session.id, session.facts);
            twin.first = session.first;
            twin.second = session.second;
            twin.room = session.room;
            copy.sessions.add(twin);
        }
        for (Visit visit : original.visits) {
            Visit twin = new Visit(visit.id, visit.patient);
            twin.session = visit.session == null ? null : copy.sessions.get(visit.session.id);
            copy.visits.add(twin);
        }
        return copy;
    }
}
