import Glibc
import KafkaClient
import Logging
import ServiceLifecycle
import Synchronization

/// One step of a performance test: producers send as fast as they can, for a while that is not measured and one that is.
struct PerformanceStep<Time: Clock>: Sendable where Time.Duration == Duration {
    /// How a step ended.
    private enum Ending: Sendable {
        case measured(from: Moment, to: Moment)
        /// It was told to stop.
        case stopped
        case failed(KafkaClientError)
    }

    /// What is known at one moment.
    private struct Moment: Sendable {
        let time: Time.Instant
        let acknowledged: Int
        /// What the process has computed.
        let processor: Duration
    }

    /// Thrown so that the producers drop what is on its way.
    private struct IsOver: Error {}

    let settings: PerformanceSettings
    let configuration: PerformanceConfiguration
    let clock: Time
    let logger: Logger

    /// Measures; `nil` where it was told to stop.
    func measure(topic: String) async -> PerformanceMeasurement? {
        let load = PerformanceLoad(topic: topic, recordBytes: settings.recordBytes, seed: configuration.seed)
        let meter = Meter()
        let ending = Mutex(Ending.stopped)
        do {
            try await withProducers(
                settings.producers,
                settings.producer(configuration.client),
                logger: logger
            ) { producers in
                let end = await run(producers, load, meter)
                ending.withLock { $0 = end }
                throw IsOver()
            }
        } catch let error as KafkaClientError {
            // What a producer failed with is the cause of what its records failed with.
            ending.withLock { $0 = .failed(error) }
        } catch {
            // What was measured is in `ending`.
        }
        switch ending.withLock({ $0 }) {
        case .stopped: return nil
        case .failed(let error): return PerformanceMeasurement(settings: settings, failure: error.description)
        case .measured(let begin, let end):
            return PerformanceMeasurement(
                settings: settings,
                records: end.acknowledged - begin.acknowledged,
                elapsed: begin.time.duration(to: end.time),
                processor: end.processor - begin.processor,
                latency: meter.latency
            )
        }
    }

    private func run(_ producers: [KafkaProducer], _ load: PerformanceLoad, _ meter: Meter) async -> Ending {
        await withTaskGroup(of: Ending.self) { group in
            for (number, producer) in producers.enumerated() {
                group.addTask { await send(load, startingAt: number, to: producer, meter) }
            }
            group.addTask { await watch(producers, meter) }
            let first = await group.next()
            group.cancelAll()
            return first ?? .stopped
        }
    }

    /// Lets the time pass.
    private func watch(_ producers: [KafkaProducer], _ meter: Meter) async -> Ending {
        do {
            return try await cancelWhenGracefulShutdown {
                try await clock.sleep(for: configuration.warmUp)
                let begin = moment(producers)
                meter.begin()
                try await clock.sleep(for: configuration.duration)
                meter.end()
                return .measured(from: begin, to: moment(producers))
            }
        } catch {
            return .stopped
        }
    }

    private func moment(_ producers: [KafkaProducer]) -> Moment {
        Moment(
            time: clock.now,
            acknowledged: producers.reduce(0) { $0 + $1.totals.acknowledged },
            processor: Self.processorTime
        )
    }

    /// Sends until it is cancelled or a record fails.
    private func send(
        _ load: PerformanceLoad,
        startingAt first: Int,
        to producer: KafkaProducer,
        _ meter: Meter
    ) async -> Ending {
        // The producer bounds what is on its way, and so how many deliveries wait here.
        let (deliveries, handed) = AsyncStream<BatchDelivery>.makeStream()
        return await withTaskGroup(of: KafkaClientError?.self) { group in
            group.addTask {
                for await delivery in deliveries {
                    // Throws where the task is cancelled: the step is over.
                    guard let report = try? await delivery.report() else { break }
                    if let error = meter.take(report) { return error }
                }
                return nil
            }
            group.addTask {
                var next = first % load.batches.count
                while !Task.isCancelled {
                    handed.yield(await producer.enqueue(load.batches[next]))
                    next = (next + 1) % load.batches.count
                    await Task.yield()
                }
                handed.finish()
                return nil
            }
            let error = await group.next() ?? nil
            group.cancelAll()
            return error.map { .failed($0) } ?? .stopped
        }
    }

    private static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// How long the acknowledgements took that came while the step was measured.
    private final class Meter: Sendable {
        private struct State {
            var isMeasuring = false
            var latency = AcknowledgementLatency()
        }

        private let state = Mutex(State())

        var latency: AcknowledgementLatency { state.withLock { $0.latency } }

        func begin() { state.withLock { $0.isMeasuring = true } }

        func end() { state.withLock { $0.isMeasuring = false } }

        /// Counts a report; returns why a record of it failed.
        func take(_ report: DeliveryReport) -> KafkaClientError? {
            state.withLock { state in
                guard state.isMeasuring else { return }
                for acknowledgement in report.acknowledgements {
                    state.latency.record(acknowledgement.latency, count: acknowledgement.count)
                }
            }
            // What it had not taken yet when the step ended is no failure.
            return report.failures.lazy.map(\.error).first { ![.cancelled, .closed].contains($0.code) }
        }
    }
}
