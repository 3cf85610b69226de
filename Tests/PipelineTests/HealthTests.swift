import Ingestor
import Monitoring
import Testing

@testable import ConnectRuntime
@testable import Pipeline

@Suite struct HealthTests {
    private func health(
        _ state: PipelineStatus.Stage.State,
        _ ingestor: IngestorState = .ready,
        isStopping: Bool = false
    ) -> Health {
        let stage = PipelineStatus.Stage(name: "sink", state: state, reason: "secret", lastFailure: "secret")
        let status = PipelineStatus(startedAtMilliseconds: 0, updatedAtMilliseconds: 0, stages: [stage])
        return Health(status, ingestor, isStopping: isStopping)
    }

    @Test(arguments: [
        (PipelineStatus.Stage.State.running, Health.State.ready, 200), (.ended, .ready, 200),
        (.degraded, .degraded, 200), (.stalled, .degraded, 200), (.retrying, .failed, 503), (.failed, .failed, 503),
    ])
    func healthFollowsTheStages(state: PipelineStatus.Stage.State, expected: Health.State, code: Int) {
        let health = health(state)
        #expect(health.state == expected)
        #expect(health.reasons == (expected == .ready ? [] : ["the stage 'sink' is \(state.rawValue)"]))
        #expect(health.response.status == code)
    }

    @Test(arguments: [
        (IngestorState.starting, Health.State.starting, 503), (.stopping, .stopping, 503), (.ready, .ready, 200),
        (.degraded(["a", "b"]), .degraded, 200),
    ])
    func healthFollowsTheIngestor(state: IngestorState, expected: Health.State, code: Int) {
        let health = health(.running, state)
        #expect(health.state == expected)
        #expect(health.reasons == (expected == .degraded ? ["a", "b"] : []))
        #expect(health.response.status == code)
    }

    @Test func whatStopsSaysSoBeforeAnythingElse() {
        #expect(health(.failed, .ready, isStopping: true).state == .stopping)
        #expect(health(.running, .ready, isStopping: true).response.status == 503)
    }

    @Test func textIsJSONWithoutWordsFromOutside() {
        #expect(
            health(.degraded).response.body
                == #"{"reasons":["the stage 'sink' is DEGRADED"],"stages":{"sink":"DEGRADED"},"state":"DEGRADED"}"#
                + "\n"
        )
    }
}
