package import Analysis
import Foundation

extension AnalysisOptions {
    /// The analysis as the configuration of the pipeline describes it, on all processors.
    package init(_ configuration: PipelineConfiguration) {
        self.init(
            seed: UInt64(configuration.analyzer.seed),
            kMax: configuration.analyzer.segmentsMax,
            workers: max(1, ProcessInfo.processInfo.activeProcessorCount)
        )
    }
}
