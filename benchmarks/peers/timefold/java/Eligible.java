package peer;

import ai.timefold.solver.core.api.score.director.ScoreDirector;
import ai.timefold.solver.core.impl.heuristic.selector.common.decorator.SelectionFilter;
import ai.timefold.solver.core.impl.heuristic.selector.move.generic.ChangeMove;

/** Keeps Timefold's own change moves to sessions that the patient may attend at all. */
public final class Eligible implements SelectionFilter<Board, ChangeMove<Board>> {
    @Override
    public boolean accept(ScoreDirector<Board> director, ChangeMove<Board> move) {
        Visit visit = (Visit) move.getEntity();
        Session session = (Session) move.getToPlanningValue();
        return session == null || session.facts.eligible[visit.patient][session.cell()];
    }
}
